import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { History } from '../../../src/history/history.js';
import { openSqliteHistory } from '../../../src/history/sqlite/open.js';
import { probabilityOf, uncalibrated } from '../../../src/model/calibrate.js';
import { type Encoding, encodingOf } from '../../../src/model/encode.js';
import { writeModel } from '../../../src/model/onnx/write.js';
import type { Manifest } from '../../../src/model/registry/manifest.js';
import { type Bundle, openRegistry, type Registry } from '../../../src/model/registry/registry.js';
import { linearTrainer } from '../../../src/model/trainer/linear.js';
import type { TrainResult } from '../../../src/model/trainer/trainer.js';
import { xgboostTrainer } from '../../../src/model/trainer/xgboost.js';
import { numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import { syntheticSet } from '../../model/synthetic.js';

/** A registry and a history in a folder of their own, with champions that really were trained. */
export interface Place {
  folder: string;
  registry: Registry;
  history: History;
  promote(version: string): Promise<void>;
}

export async function placeFor(test: TestContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-serve-'));
  const history = await openSqliteHistory({ path: join(folder, 'history.db'), clock: () => new Date(0) });
  const registry = openRegistry({ folder: join(folder, 'models'), history });
  const run = await history.startRun({ command: 'promote' });
  test.after(async () => {
    await history.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    registry,
    history,
    promote: async (version) => {
      const from = await history.alias('champion');
      await history.moveAlias({ run, alias: 'champion', from, to: version, because: 'test' });
    },
  };
}

export const COLUMNS = 8;
const GOLDEN = 20;

export interface Kind {
  trainer?: 'xgboost' | 'linear';
  rounds?: number;
  seed?: number;
  columns?: number;
  depth?: number;
}

/** Trains a small version (number features f0, f1, ...) with the real trainer and registers it. */
export async function trainedVersion(registry: Registry, kind: Kind = {}): Promise<Manifest> {
  const { trainer = 'xgboost', rounds = 20, seed = 1, columns = COLUMNS, depth = 4 } = kind;
  const set = syntheticSet(2000, columns, seed);
  const result = await (trainer === 'xgboost' ? xgboostTrainer : linearTrainer).train({
    fit: set,
    validation: null,
    probe: { rows: GOLDEN, values: set.values.slice(0, GOLDEN * columns) },
    rounds,
    earlyStoppingRounds: 0,
    seed,
    threads: 1,
    parameters: trainer === 'xgboost' ? { max_depth: depth, eta: 0.2 } : {},
  });
  const encoding = encodingOf(set.columns.map((name) => ({ name, type: 'number' })));
  return registry.add(bundleOf(encoding, result, set.values, set.rows, seed), new Date(0));
}

function bundleOf(
  encoding: Encoding,
  { form, probeMargins }: TrainResult,
  values: Float32Array,
  rows: number,
  seed: number,
): Bundle {
  const calibration = uncalibrated('test');
  const columns = encoding.columns.length;
  const columnOf = (column: number, count: number) =>
    Float64Array.from({ length: count }, (_, row) => values[row * columns + column]);
  const profiles = encoding.features.map(({ name }, i) => {
    const reference = columnOf(i, rows);
    return profileOfValues(name, numericBins(reference), reference);
  });
  return {
    model: writeModel({ form, calibration, encoding, metadata: {} }),
    profile: tableProfile(profiles, null),
    golden: {
      features: encoding.features.map(({ name }) => name),
      rows: Array.from({ length: GOLDEN }, (_, row) =>
        Array.from(values.subarray(row * columns, (row + 1) * columns), (value) =>
          Number.isNaN(value) ? null : value,
        ),
      ),
      probabilities: Array.from(probeMargins, (margin) => probabilityOf(margin, calibration)),
    },
    manifest: {
      at: '2026-01-31',
      trainer: form.kind,
      seed,
      features: [...encoding.features],
    } as unknown as Bundle['manifest'],
  };
}
