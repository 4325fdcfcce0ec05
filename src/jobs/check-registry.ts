import type { AliasMove, Run } from '../history/history.js';
import type { Inspected } from '../model/registry/inspect.js';
import type { Project } from '../open.js';
import { recorded } from './record.js';

/**
 * dangling: an alias whose version is not stored. damaged: files that are missing, changed or unreadable. unreferenced: a
 * version that no alias ever named and whose training did not come to its end. unknown: one of which this history knows
 * no training at all, such as one that was copied here.
 */
export type RegistryProblem = 'dangling' | 'damaged' | 'unreferenced' | 'unknown';

export interface RegistryFinding {
  problem: RegistryProblem;
  version: string;
  because: string;
  removed: boolean;
}

/**
 * Compares the stored versions with history. With `fix` the unreferenced versions are removed, and nothing else: a version
 * that is damaged may be restored, and one that is unknown may be somebody's.
 */
export async function checkRegistry(project: Project, { fix }: { fix: boolean }): Promise<RegistryFinding[]> {
  return recorded(project, { command: 'registry check' }, async (run) => {
    const stored = await project.registry.inspect();
    const value = [
      ...(await dangling(project, stored)),
      ...damaged(stored),
      ...(await strays(project, stored)),
    ];
    for (const finding of value.filter(({ problem }) => fix && problem === 'unreferenced')) {
      // From here on no alias can name it, so that it can go, even if this process pauses and loses its lock meanwhile.
      if (await project.history.retireVersion({ version: finding.version, run })) {
        await project.registry.remove(finding.version);
        finding.removed = true;
      }
    }
    const open = value.filter(({ removed }) => !removed);
    return { value, status: open.length === 0 ? 'ok' : 'attention', result: { findings: value } };
  });
}

async function dangling({ history }: Project, stored: readonly Inspected[]): Promise<RegistryFinding[]> {
  const known = new Set(stored.map(({ version }) => version));
  return Object.entries(await history.aliases()).flatMap(([name, version]) =>
    version === null || known.has(version)
      ? []
      : [finding('dangling', version, `${name} points to it, and it is not stored`)],
  );
}

function damaged(stored: readonly Inspected[]): RegistryFinding[] {
  return stored.flatMap(({ version, damage }) =>
    damage === null ? [] : [finding('damaged', version, damage)],
  );
}

async function strays({ history }: Project, stored: readonly Inspected[]): Promise<RegistryFinding[]> {
  const named = namedBy(await history.aliasMoves());
  const trainings = await history.runs({ command: 'train' });
  const findings: RegistryFinding[] = [];
  for (const { version, manifest } of stored) {
    if (manifest === null || named.has(version)) {
      continue;
    }
    const [report] = await history.reports({ kind: 'training', version, limit: 1 });
    if (report) {
      const broken = await brokenPart(report.run, (id) => history.run(id));
      if (broken !== null) {
        findings.push(finding('unreferenced', version, broken));
      }
      continue;
    }
    const run = trainings.find((training) => couldHaveStored(training, manifest.created_at));
    findings.push(
      run
        ? finding('unreferenced', version, `${endOf(run)} before it reported the version`)
        : finding('unknown', version, 'no training in this history stored it'),
    );
  }
  return findings;
}

function namedBy(moves: readonly AliasMove[]): Set<string | null> {
  return new Set(moves.flatMap(({ from, to }) => [from, to]));
}

/** Why a run, or one that it was a part of, did not come to its end; null when all did, or still work. */
async function brokenPart(id: string, find: (id: string) => Promise<Run>): Promise<string | null> {
  for (let next: string | null = id; next !== null; ) {
    const run: Run = await find(next);
    if (isBroken(run)) {
      return endOf(run);
    }
    next = run.parent;
  }
  return null;
}

/**
 * Jobs work one at a time, and this one works now, so that another unfinished one was killed. A process of this machine
 * that lives is believed nonetheless.
 */
function isBroken(run: Run): boolean {
  return run.status === 'failed' || (run.status === 'running' && run.alive !== true);
}

const endOf = (run: Run) =>
  `the run ${run.id} (${run.command}) ${run.status === 'failed' ? 'failed' : 'was killed'}`;

function couldHaveStored(run: Run, createdAt: string): boolean {
  return (
    isBroken(run) && run.started_at <= createdAt && (run.finished_at === null || createdAt <= run.finished_at)
  );
}

function finding(problem: RegistryProblem, version: string, because: string): RegistryFinding {
  return { problem, version, because, removed: false };
}
