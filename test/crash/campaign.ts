import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/data/engine/engine.js';
import { messageOf } from '../../src/error.js';
import { type Random, random } from '../../src/random.js';
import { openTestEngine } from '../data/project.js';
import type { KilledCommand } from './commands.js';
import { type Ended, type Moment, measured, runOnce } from './kill.js';
import { type Snapshot, snapshotOf } from './snapshot.js';
import { assertAnswers, assertSound } from './sound.js';
import { copyFolder, makeWorld, tell } from './world.js';

export interface Campaign {
  story: Parameters<typeof makeWorld>[1];
  /** Killed in turn. */
  commands: readonly KilledCommand[];
  seed: string;
  kills: number;
  /** Only this kill, to see a failure again. */
  only?: number;
  /** Kills that go on at once. */
  atOnce: number;
  tell(line: string): void;
}

export interface Told {
  kills: number;
  /** Processes that had ended when they were to be killed. */
  ended: number;
  failures: { kill: number; what: string; because: string }[];
}

/** A command, the folder in which it begins, and what an undisturbed run makes of it. */
interface Case {
  command: KilledCommand;
  folder: string;
  before: Snapshot;
  after: Snapshot;
  undisturbed: Ended & { calls: number };
  /** What an undisturbed run leaves in the folder for temporary files. */
  temporary: string[];
}

/**
 * Kills commands in turn, each at a moment drawn from the seed, looks at what is left, runs them again, and compares with
 * an undisturbed run.
 */
export async function killCommands(campaign: Campaign): Promise<Told> {
  const { story, commands, seed, kills, only, atOnce, tell: say } = campaign;
  const root = await mkdtemp(join(tmpdir(), 'churn-crash-'));
  const engine = await openTestEngine(root);
  const told: Told = { kills: 0, ended: 0, failures: [] };
  const world = join(root, 'world');
  const cases = new Map<KilledCommand, Promise<Case>>();
  const caseOf = (command: KilledCommand) => {
    const known = cases.get(command) ?? makeCase(command, world, root);
    cases.set(command, known);
    return known;
  };

  async function oneKill(kill: number): Promise<void> {
    const command = commands[kill % commands.length];
    let what = command.name;
    try {
      const known = await caseOf(command);
      const moment = drawMoment(random(`${seed}/${kill}`), Math.floor(kill / commands.length), known);
      const { milliseconds, calls } = known.undisturbed;
      what = `${command.name} at ${JSON.stringify(moment)} of ${Math.round(milliseconds)} ms, ${calls} calls`;
      told.ended += (await killOnce(engine, known, moment, join(root, `kill-${kill}`))) ? 0 : 1;
    } catch (error) {
      told.failures.push({ kill, what, because: messageOf(error) });
      say(`FAILED ${kill}: ${what}: ${messageOf(error)}`);
    }
    told.kills++;
    if (told.kills % SAID_EVERY === 0) {
      say(`${told.kills} kills, ${told.ended} after the end, ${told.failures.length} failures`);
    }
  }

  try {
    await makeWorld(world, story);
    const numbers = only === undefined ? Array.from({ length: kills }, (_, kill) => kill) : [only];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let kill = numbers.shift(); kill !== undefined; kill = numbers.shift()) {
          await oneKill(kill);
        }
      }),
    );
    return told;
  } finally {
    await engine.close();
    await rm(root, { recursive: true, force: true });
  }
}

const SAID_EVERY = 25;

async function makeCase(command: KilledCommand, world: string, root: string): Promise<Case> {
  const place = join(root, command.name.replace(/\W/g, '-'));
  const [folder, done, temporary] = ['begin', 'done', 'temporary'].map((name) => join(place, name));
  await copyFolder(world, folder);
  await tell(folder, command.before ?? []);
  await copyFolder(folder, done);
  await mkdir(temporary);
  const undisturbed = await measured(command, done, temporary);
  assert.ok(
    [0, 2, 3].includes(undisturbed.code ?? -1),
    `${command.name}: ${undisturbed.code} ${undisturbed.err}`,
  );
  return {
    command,
    folder,
    before: await snapshotOf(folder),
    after: await snapshotOf(done),
    undisturbed,
    temporary: await readdir(temporary),
  };
}

/** In turn, the kills of a command fall on a call that changes files, and anywhere in the time that it takes. */
function drawMoment(chance: Random, turn: number, { undisturbed }: Case): Moment {
  return turn % 2 === 0
    ? { call: 1 + chance.integer(Math.max(1, undisturbed.calls)) }
    : { milliseconds: Math.round(chance.uniform() * undisturbed.milliseconds) };
}

/** @returns whether it was killed, or had ended before */
async function killOnce(engine: Engine, known: Case, moment: Moment, place: string): Promise<boolean> {
  const { command, before, after, undisturbed } = known;
  const [folder, looked, temporary] = ['work', 'looked', 'temporary'].map((name) => join(place, name));
  await copyFolder(known.folder, folder);
  await mkdir(temporary);
  const first = await runOnce(command, folder, temporary, { moment });
  // Looking happens in a copy, so that the rerun finds what the kill left.
  await copyFolder(folder, looked);
  await assertSound(engine, looked, await snapshotOf(looked), before, after);
  const again = await runOnce(command, folder, temporary);
  const fine = [undisturbed.code, ...(command.doneAlready === undefined ? [] : [command.doneAlready])];
  assert.ok(fine.includes(again.code), `the rerun ended with ${again.code}: ${again.err}`);
  const found = await snapshotOf(folder);
  assert.deepEqual([...found.keys()].sort(), [...after.keys()].sort(), 'files after the rerun');
  for (const [path, content] of after) {
    assert.equal(found.get(path), content, `${path} after the rerun differs from an undisturbed run`);
  }
  assert.deepEqual((await readdir(temporary)).sort(), known.temporary.sort(), 'temporary folder');
  await assertAnswers(folder, found);
  await rm(place, { recursive: true, force: true });
  return first.killed;
}
