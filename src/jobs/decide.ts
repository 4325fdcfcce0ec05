import type { Report, ReportKind } from '../history/history.js';
import type { DriftReport } from '../monitor/drift/report.js';
import type { EvaluationReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import { type Decision, decide } from '../policy/decide.js';
import type { Dated, Evidence } from '../policy/rule.js';
import type { Day } from '../time.js';
import { asOfDay, newestMatureDay } from './as-of.js';
import { type JobRequest, recorded } from './record.js';

/** Reports that a decision looks back on. */
const REPORTS_READ = 60;

/** Says whether a retrain is needed, from what history holds; does nothing about it. */
export async function decideRetrain(
  project: Project,
  options: { at: Day | null; parent?: string | null },
): Promise<Decision> {
  const job: JobRequest = { command: 'decide', at: options.at, parent: options.parent };
  return recorded(project, job, async (run) => {
    const at = await asOfDay(project, options.at);
    job.at = at;
    const evidence = await gatherEvidence(project, at);
    const decision = decide(evidence, project.config.policy);
    await project.history.addReport({
      run,
      kind: 'decision',
      at,
      version: evidence.champion?.version ?? null,
      status: decision.decision,
      body: { ...decision, evidence },
    });
    return {
      value: decision,
      result: { decision: decision.decision, because: decision.because },
      status: decision.decision === 'retrain' ? 'attention' : 'ok',
    };
  });
}

/** What was known on the day `at`: the champion, the reports up to then, the last retrain. */
export async function gatherEvidence(project: Project, at: Day): Promise<Evidence> {
  const { history, registry } = project;
  const champion = await registry.champion();
  const reports = async <T>(kind: ReportKind) =>
    (await history.reports<T>({ kind, until: at, limit: REPORTS_READ })).map(dated);
  const [retrain] = (await history.runs({ command: 'retrain', limit: REPORTS_READ })).filter(
    (run) =>
      run.at !== null &&
      run.at <= at &&
      typeof run.result.verdict === 'string' &&
      run.result.verdict !== 'none',
  );
  return {
    at,
    champion:
      champion === null
        ? null
        : {
            version: champion.version,
            trained_at: champion.at,
            data: { from: champion.data.from, to: champion.data.test.to },
            measures: champion.measures,
            positive_rate: champion.positive_rate,
          },
    drift: await reports<DriftReport>('drift'),
    evaluations: await reports<EvaluationReport>('evaluation'),
    newest_labelled_day: newestMatureDay(project, at),
    last_retrain: retrain ? { at: retrain.at as Day, verdict: String(retrain.result.verdict) } : null,
  };
}

function dated<T>({ at, version, body }: Report<T>): Dated<T> {
  return { at: at as Day, version, report: body };
}
