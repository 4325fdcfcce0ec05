import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { batchQueue } from '../../../src/serve/holder/batches.js';

/** Doubles the first value of every row, one chunk a turn. */
function doubling(seen: number[] = []) {
  return async (values: Float32Array, rows: number) => {
    await turn();
    seen.push(values[0]);
    const probabilities = Float32Array.from({ length: rows }, (_, row) => 2 * values[row * 2]);
    return { probabilities, values };
  };
}

function rowsOf(count: number, first: number): Float32Array {
  return Float32Array.from({ length: 2 * count }, (_, i) => first + Math.floor(i / 2));
}

test('a batch comes back whole and in order, whatever the chunk', async () => {
  for (const chunkRows of [1, 3, 7, 100]) {
    const queue = batchQueue({ scoreChunk: doubling(), width: 2, chunkRows });
    const values = rowsOf(20, 0);
    const scored = await queue.add(values, 20);
    assert.deepEqual(
      [...scored],
      Array.from({ length: 20 }, (_, i) => 2 * i),
    );
    assert.deepEqual(values, rowsOf(20, 0), 'the rows still belong to the caller');
  }
});

test('a small batch does not wait for a large one', async () => {
  const queue = batchQueue({ scoreChunk: doubling(), width: 2, chunkRows: 10, chunksAhead: 1 });
  const finished: string[] = [];
  const large = queue.add(rowsOf(1000, 0), 1000).then(() => finished.push('large'));
  const small = queue.add(rowsOf(10, 0), 10).then(() => finished.push('small'));
  await Promise.all([large, small]);
  assert.deepEqual(finished, ['small', 'large']);
});

test('what is too much is refused at once, and taken when the queue is empty', async () => {
  const queue = batchQueue({ scoreChunk: doubling(), width: 2, chunkRows: 10, mostRows: 50 });
  const first = queue.add(rowsOf(60, 0), 60);
  await assert.rejects(queue.add(rowsOf(1, 0), 1), {
    code: 'serve.busy',
    httpStatus: 503,
    message: /at most 50 rows to wait for scoring; got 61; try again/,
  });
  assert.equal(queue.waiting(), 60);
  await first;
  await queue.idle();
  assert.equal((await queue.add(rowsOf(60, 0), 60)).length, 60);
});

test('a chunk that fails fails its batch only, once', async () => {
  const queue = batchQueue({
    width: 2,
    chunkRows: 1,
    scoreChunk: async (values, rows) => {
      await turn();
      if (values[0] < 0) {
        throw new Error('negative');
      }
      return { probabilities: new Float32Array(rows).fill(values[0]), values };
    },
  });
  const [bad, good] = await Promise.allSettled([queue.add(rowsOf(5, -5), 5), queue.add(rowsOf(5, 1), 5)]);
  assert.equal(bad.status, 'rejected');
  assert.deepEqual(good.status === 'fulfilled' && [...good.value], [1, 2, 3, 4, 5]);
  assert.equal(queue.waiting(), 0);
  await queue.idle();
});

test('no rows need no thread', async () => {
  const queue = batchQueue({ scoreChunk: () => Promise.reject(new Error('asked')), width: 2 });
  assert.equal((await queue.add(new Float32Array(0), 0)).length, 0);
});
