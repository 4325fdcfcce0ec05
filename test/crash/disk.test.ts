import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cleanUp } from '../jobs/project.js';
import { runWithoutRoom } from './disk.js';
import { SHORT } from './short.js';
import { makeWorld, SHORT_STORY } from './world.js';

describe('a few commands without room (disk.slow.ts: all of them)', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'churn-crash-'));
    await makeWorld(join(root, 'world'), SHORT_STORY);
  });
  after(async () => {
    await rm(root, { recursive: true, force: true });
    await cleanUp();
  });

  for (const command of SHORT) {
    it(`${command.name} on a full and on a read-only disk`, async () => {
      assert.equal(await runWithoutRoom(join(root, 'world'), command, 0), false);
      assert.equal(await runWithoutRoom(join(root, 'world'), command, null), false);
    });
  }
});
