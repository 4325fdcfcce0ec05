import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** Opens a model of one column and scores a row. */
const PROGRAM = `
  const { writeModel } = await import(process.argv[1] + '/model/onnx/write.js');
  const { openSession } = await import(process.argv[1] + '/model/onnx/session.js');
  const { encodingOf } = await import(process.argv[1] + '/model/encode.js');
  const calibration = { method: 'none', slope: 1, intercept: 0, reason: '' };
  const linear = { bias: 0, weights: Float64Array.of(1), centres: Float64Array.of(0) };
  const encoding = encodingOf([{ name: 'x', type: 'number' }]);
  const bytes = writeModel({ form: { kind: 'linear', linear }, calibration, encoding, metadata: {} });
  const session = await openSession(bytes, calibration, 1);
  const { probabilities } = await session.scoreChunk(Float32Array.of(0), 1);
  console.log(probabilities[0]);
`;

test('scoring leaves no trace of telemetry on the machine', () => {
  const home = mkdtempSync(join(tmpdir(), 'churn-telemetry-'));
  try {
    const source = join(import.meta.dirname, '../../../src');
    const environment: NodeJS.ProcessEnv = { ...process.env, HOME: home, TMPDIR: home, XDG_CACHE_HOME: home };
    delete environment.ORT_DISABLE_TELEMETRY;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, source], {
      env: environment,
      encoding: 'utf8',
    });
    assert.equal(told.trim(), '0.5');
    assert.deepEqual(readdirSync(home), []);
  } finally {
    rmSync(home, { recursive: true });
  }
});
