import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChurnError } from '../../../src/error.js';
import type { Calibration } from '../../../src/model/calibrate.js';
import { encodingOf } from '../../../src/model/encode.js';
import type { PublishedModel } from '../../../src/model/onnx/model.js';
import { decodeModel, encodeModel } from '../../../src/model/onnx/proto.js';
import { readModel } from '../../../src/model/onnx/read.js';
import { openSession } from '../../../src/model/onnx/session.js';
import { writeModel } from '../../../src/model/onnx/write.js';
import type { ModelForm } from '../../../src/model/trainer/trainer.js';
import { scoreMargins, widthOf } from '../../../src/model/tree/form.js';
import { random } from '../../../src/random.js';
import { randomForest, randomRows, seeds } from '../arbitrary.js';

const platt: Calibration = {
  method: 'platt',
  slope: Math.fround(1.3),
  intercept: Math.fround(-0.2),
  reason: 'it helps, "much"',
};

function modelOf(form: ModelForm): PublishedModel {
  const category = { name: 'plan', type: 'category', categories: ['a', 'ü"'] } as const;
  const numbers = Array.from(
    { length: widthOf(form) - 2 },
    (_, i) => ({ name: `f${i}`, type: 'number' }) as const,
  );
  return {
    form,
    calibration: platt,
    encoding: encodingOf([category, ...numbers]),
    metadata: { z: '1', a: 'ß' },
  };
}

function randomForm(seed: number): ModelForm {
  const { normal, integer } = random(seed);
  const columns = 2 + integer(4);
  if (seed % 3 === 0) {
    const weights = Float64Array.from({ length: columns }, normal);
    const centres = Float64Array.from({ length: columns }, normal);
    return { kind: 'linear', linear: { bias: normal(), weights, centres } };
  }
  return { kind: 'trees', forest: randomForest(seed, columns, integer(12), 1 + integer(6)) };
}

test('what is written is read again, and written again to the same bytes', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const model = modelOf(randomForm(seed));
      const bytes = writeModel(model);
      const read = readModel(bytes);
      assert.deepEqual(read, model);
      assert.deepEqual(Buffer.from(writeModel(read)), Buffer.from(bytes));
    }),
    { numRuns: 60 },
  );
});

test("onnxruntime's margins are the walker's to the bit, the weights' within rounding", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const model = modelOf(randomForm(seed));
      const columns = widthOf(model.form);
      const rows = randomRows(seed + 1, 64, columns);
      const session = await openSession(writeModel(model), platt, columns);
      const { margins } = await session.scoreChunk(rows, 64);
      await session.close();
      const ours = scoreMargins(model.form, rows, 64);
      const allowed = model.form.kind === 'trees' ? 0 : 1e-6;
      margins.forEach((margin, row) => {
        const size = Math.max(1, Math.abs(margin));
        assert.ok(Math.abs(margin - ours[row]) <= allowed * size, `${margin} and ${ours[row]}`);
      });
    }),
    { numRuns: 40 },
  );
});

test('the order of metadata and of the keys of a feature does not change the bytes', () => {
  const model = modelOf(randomForm(1));
  const turned = {
    ...model,
    metadata: { a: 'ß', z: '1' },
    encoding: { ...model.encoding, features: model.encoding.features.map(reversedKeys) },
  };
  assert.deepEqual(Buffer.from(writeModel(turned)), Buffer.from(writeModel(model)));
});

function reversedKeys<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).reverse()) as T;
}

function isError(code: string, text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChurnError && error.code === code, String(error));
    assert.match(error.message, text);
    return true;
  };
}

const written = writeModel(modelOf(randomForm(1)));

test('a file cut short or changed is refused, never a wrong model or an endless walk', () => {
  for (let length = 0; length < written.length; length += 7) {
    assert.throws(() => readModel(written.subarray(0, length)), ChurnError);
  }
  fc.assert(
    fc.property(fc.nat(written.length - 1), fc.nat(255), (at, byte) => {
      const bytes = written.slice();
      bytes[at] = byte;
      try {
        const { form } = readModel(bytes);
        scoreMargins(form, randomRows(1, 4, widthOf(form)), 4);
      } catch (error) {
        assert.ok(error instanceof ChurnError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('a model of another program, another format or another graph is refused by name', () => {
  const changed = (change: (model: ReturnType<typeof decodeModel>) => void) => {
    const model = decodeModel(written);
    change(model);
    return encodeModel(model);
  };
  const cases: [(model: ReturnType<typeof decodeModel>) => void, RegExp][] = [
    [
      (model) => {
        model.producer_name = 'skl2onnx';
      },
      /written by "skl2onnx"/,
    ],
    [
      (model) => {
        model.metadata_props.find(({ key }) => key.endsWith('format'))!.value = '99';
      },
      /format 99/,
    ],
    [
      (model) => {
        model.graph!.node[0].op_type = 'TreeEnsembleClassifier';
      },
      /TreeEnsembleClassifier/,
    ],
  ];
  for (const [change, text] of cases) {
    assert.throws(() => readModel(changed(change)), isError('model.mismatch', text));
  }
});

test('an encoding of another width is refused', () => {
  const model = modelOf(randomForm(1));
  assert.throws(
    () => writeModel({ ...model, encoding: encodingOf([]) }),
    isError('model.mismatch', /0 columns/),
  );
});
