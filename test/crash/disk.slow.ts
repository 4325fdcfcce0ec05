import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cleanUp } from '../jobs/project.js';
import { KILLED } from './commands.js';
import { runWithoutRoom } from './disk.js';
import { makeWorld, WHOLE_STORY } from './world.js';

/** Bytes that are left. With the last most commands have room. */
const LEFT = [0, 16 << 10, 128 << 10];

describe('every command without room', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'churn-crash-'));
    await makeWorld(join(root, 'world'), WHOLE_STORY);
  });
  after(async () => {
    await rm(root, { recursive: true, force: true });
    await cleanUp();
  });

  for (const command of KILLED) {
    it(`${command.name} on a full disk`, async (context) => {
      for (const left of LEFT) {
        if (await runWithoutRoom(join(root, 'world'), command, left)) {
          context.diagnostic(`had room in ${left} bytes`);
        }
      }
    });

    it(`${command.name} on a read-only disk`, async () => {
      assert.equal(await runWithoutRoom(join(root, 'world'), command, null), false);
    });
  }
});
