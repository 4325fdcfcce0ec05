import { ChurnError } from '../error.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { TableDriftOptions } from '../monitor/drift/judge.js';
import type { DriftReport } from '../monitor/drift/report.js';
import type { Project } from '../open.js';
import type { Window } from '../time.js';
import type { DriftOptions, ProjectDriftReport } from './drift.js';
import { multivariateDrift } from './drift-multivariate.js';
import { scoreDrift } from './drift-score.js';
import { segmentsOf } from './drift-segments.js';
import { championProfile, featuresOf } from './drift-windows.js';

/** What needs the rows themselves: segments, scores and the classifier, where they are asked for. */
export async function rowsDrift(
  project: Project,
  champion: Manifest,
  { reference, current }: { reference: Window | null; current: Window },
  report: DriftReport,
  judged: TableDriftOptions,
  options: DriftOptions,
): Promise<Pick<ProjectDriftReport, 'segments' | 'scores' | 'multivariate'>> {
  const columns = options.segments ?? project.config.drift.segments;
  const classify = options.multivariate ?? project.config.drift.multivariate;
  const scores = options.scores ?? project.config.drift.scores;
  if (columns.length === 0 && !classify && !scores) {
    return {};
  }
  if (options.log || reference === null) {
    throw new ChurnError('usage.invalid', {
      expected:
        'segments, --scores and --multivariate with the features of a project, not with the prediction log',
      came: '--log',
    });
  }
  const engine = await project.engine();
  const rows = {
    reference: featuresOf(project, engine, reference),
    current: featuresOf(project, engine, current),
  };
  const bins = await championProfile(project, champion);
  const drifted = report.features
    .filter(({ status }) => status === 'WARN' || status === 'FAIL')
    .map(({ name }) => name);
  return {
    ...(columns.length > 0 && {
      segments: await segmentsOf(engine, columns, rows, bins, drifted, judged),
    }),
    ...(scores && { scores: await scoreDrift(project, champion, current, judged) }),
    ...(classify && { multivariate: await multivariateDrift(project, bins, rows) }),
  };
}
