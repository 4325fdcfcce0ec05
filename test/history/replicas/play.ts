import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { random } from '../../../src/random.js';

const PROGRAM = join(import.meta.dirname, 'replica.js');

export interface Play {
  place: string;
  folder: string;
  /** Over all replicas. */
  operations: number;
  seed: string;
  kills: number;
  /** Things that happen once so large a share of the operations is done. */
  events: { share: number; happen: () => Promise<void> }[];
}

export interface Played {
  /** Everything that every replica noted, split into words. */
  notes: string[][];
  kills: { name: string; done: number }[];
  seconds: number;
}

/** Four servers and four workers as processes; a killed one is started again until all of them did their share. */
export async function play({ place, folder, operations, seed, kills, events }: Play): Promise<Played> {
  const names = ['server', 'worker'].flatMap((role) => [1, 2, 3, 4].map((n) => `${role}-${n}`));
  const share = Math.ceil(operations / names.length);
  const logOf = (name: string) => join(folder, `${name}.log`);
  const noted = () =>
    names.filter((name) => existsSync(logOf(name))).map((name) => readFileSync(logOf(name), 'utf8'));
  const done = () => noted().reduce((sum, text) => sum + text.split('\nop ').length - 1, 0);
  const started = performance.now();
  const chance = random(seed);
  const living = new Map<string, ChildProcess>();
  const killed: Played['kills'] = [];
  const failures: string[] = [];

  const start = (name: string) => {
    const args = [PROGRAM, name.split('-')[0], name, place, String(share), logOf(name)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.on('data', (chunk) => {
      told += chunk;
    });
    living.set(name, child);
    child.once('exit', (code, signal) => {
      living.delete(name);
      if (signal === 'SIGKILL') {
        start(name);
      } else if (code !== 0) {
        failures.push(`${name}: ${code ?? signal} ${told}`);
      }
    });
  };
  names.forEach(start);
  const waiting = [...events];
  while (living.size > 0 && failures.length === 0) {
    await sleep(100 + 200 * chance.uniform());
    const progress = done() / operations;
    if (waiting.length > 0 && progress >= waiting[0].share) {
      await waiting.shift()!.happen();
    }
    const candidates = [...living.keys()].sort();
    if (candidates.length > 0 && killed.length < kills && progress * kills >= killed.length) {
      const name = candidates[Math.floor(chance.uniform() * candidates.length)];
      killed.push({ name, done: Math.round(progress * operations) });
      const child = living.get(name)!;
      child.kill('SIGKILL');
      await (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null);
    }
  }
  living.forEach((child) => {
    child.kill('SIGTERM');
  });
  assert.deepEqual(failures, []);
  const notes = noted().flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  );
  return { notes, kills: killed, seconds: (performance.now() - started) / 1000 };
}
