import { it } from 'node:test';
import fc from 'fast-check';
import { assertEdits, edits, labels } from './edits.js';

it('after any edits the tables are those of a full run', async () => {
  await fc.assert(fc.asyncProperty(labels, edits, assertEdits), { numRuns: 2 });
});
