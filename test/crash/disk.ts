import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestEngine } from '../data/project.js';
import type { KilledCommand } from './commands.js';
import { type Ended, runOnce } from './kill.js';
import { type Snapshot, snapshotOf } from './snapshot.js';
import { assertSound } from './sound.js';
import { copyFolder, tell } from './world.js';

/** A place for a project whose disk can be filled and made read-only. */
interface Disk {
  folder: string;
  temporary: string;
  /** Leaves so many bytes; a process begins in `shell`, when there is one. */
  leave(bytes: number): Promise<{ shell?: string }>;
  makeReadOnly(): void;
  remove(): Promise<void>;
}

/** A file system of its own for root. Others get a limit on the size of files, and folders without permission. */
async function openDisk(): Promise<Disk> {
  const place = await mkdtemp(join(tmpdir(), 'churn-disk-'));
  const [folder, temporary] = [join(place, 'project'), join(place, 'temporary')];
  if (process.getuid?.() !== 0) {
    return {
      folder,
      temporary,
      leave: async (bytes) => ({ shell: `trap '' XFSZ; ulimit -f ${Math.ceil((bytes + 1) / 512)}` }),
      makeReadOnly: () => void execFileSync('chmod', ['-R', 'a-w', place]),
      remove: async () => {
        execFileSync('chmod', ['-R', 'u+w', place]);
        await rm(place, { recursive: true });
      },
    };
  }
  const mount = (...args: string[]) => void execFileSync('mount', [...args, place], { stdio: 'pipe' });
  mount('-t', 'tmpfs', '-o', 'size=256m', 'tmpfs');
  return {
    folder,
    temporary,
    leave: async (bytes) => {
      const { blocks, bfree, bsize } = await statfs(place);
      mount('-o', `remount,size=${(blocks - bfree) * bsize + bytes}`);
      return {};
    },
    makeReadOnly: () => mount('-o', 'remount,ro'),
    remove: async () => {
      execFileSync('umount', ['-l', place]);
      await rm(place, { recursive: true });
    },
  };
}

/**
 * On a disk with so many bytes left (null: on a read-only one) a command ends with 74 and one line that says why, and
 * everything is what it was or what the command makes of it, without a part of anything. @returns whether it had room
 */
export async function runWithoutRoom(
  world: string,
  command: KilledCommand,
  bytesLeft: number | null,
): Promise<boolean> {
  const disk = await openDisk();
  const done = await mkdtemp(join(tmpdir(), 'churn-disk-done-'));
  const engine = await openTestEngine(done);
  try {
    await copyFolder(world, disk.folder);
    await mkdir(disk.temporary);
    await tell(disk.folder, command.before ?? []);
    const before = await snapshotOf(disk.folder);
    await copyFolder(disk.folder, join(done, 'project'));
    const undisturbed = await runOnce(command, join(done, 'project'), done);
    const limits = bytesLeft === null ? disk.makeReadOnly() : await disk.leave(bytesLeft);
    const ended = await runOnce(command, disk.folder, disk.temporary, limits ?? {});
    const found = await snapshotOf(disk.folder);
    assert.deepEqual(await readdir(disk.temporary), [], 'temporary folder');
    assert.deepEqual(
      [...found.keys()].filter((path) => path.includes('.tmp-')),
      [],
      'temporary files',
    );
    if (bytesLeft !== null && ended.code === undisturbed.code) {
      return true;
    }
    assertRefusal(
      ended,
      bytesLeft === null ? /read-only|permission|cannot be opened or made/i : /disk|room|large/i,
    );
    const after = bytesLeft === null ? new Map() : await snapshotOf(join(done, 'project'));
    await copyFolder(disk.folder, join(done, 'looked'));
    await assertSound(engine, join(done, 'looked'), found, before, withBefore(after, before));
    return false;
  } finally {
    await engine.close();
    await disk.remove();
    await rm(done, { recursive: true, force: true });
  }
}

/** A file that the command would have removed may still be there, and one that it keeps must be. */
const withBefore = (after: Snapshot, before: Snapshot): Snapshot => new Map([...before, ...after]);

function assertRefusal({ code, err }: Ended, why: RegExp): void {
  assert.equal(code, 74, err);
  assert.match(err, /^churn-mlops: expected .*; got .*\[(io\.failed|history\.\w+|lock\.held)\]\n$/);
  assert.match(err, why);
}
