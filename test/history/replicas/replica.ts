import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { ChurnError, type ErrorCode } from '../../../src/error.js';
import type { EntryKind } from '../../../src/history/inbox.js';
import { claimSlot } from '../../../src/history/slots.js';
import { random } from '../../../src/random.js';
import { openPlace } from './place.js';

// Run as a process of its own: `replica.js server|worker NAME PLACE OPERATIONS LOG`. Does random operations until its log
// holds so many, and appends what it means to do and what was acknowledged. Killed, it is started again and goes on.
const [role, name, place, operations, log] = process.argv.slice(2);
const note = (kind: string, ...facts: (string | number)[]) =>
  appendFileSync(log, `${[kind, ...facts].join(' ')}\n`);
const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
const said = (kind: string) =>
  lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.split(' '));
let done = said('op').length;
const incarnation = said('born').length;
note('born', process.pid);
const chance = random(`${name} ${incarnation}`);
const history = await openPlace(place);
const LEASE_SECONDS = 2;
let number = 0;
const unique = () => `${name}.${incarnation}.${number++}`;
let crowned = false;

/** Somebody else was quicker, or took over: no operation, and no fault. */
async function unless(codes: ErrorCode[], work: () => Promise<void>): Promise<void> {
  await work().catch((error) => {
    if (!(error instanceof ChurnError && codes.includes(error.code))) {
      throw error;
    }
    note('refused', error.code);
  });
}

async function post(kind: EntryKind, keys: string[]): Promise<void> {
  keys.forEach((key) => note('means', kind, key));
  const at = new Date().toISOString();
  const posted = await history.post(keys.map((key) => ({ kind, key, subject: name, body: { key }, at })));
  posted.forEach(({ key, position }) => note('posted', kind, key, position));
}

async function readAliases(): Promise<void> {
  const { champion } = await history.aliases();
  if (crowned && champion === null) {
    note('no-champion', Date.now());
  }
  crowned ||= champion !== null;
}

async function moveChampion(): Promise<void> {
  const run = await history.startRun({ command: unique() });
  note('run', run);
  const from = await history.alias('champion');
  const to = unique();
  await unless(['history.conflict'], async () => {
    await history.moveAlias({ run, alias: 'champion', from, to, because: name });
    note('moved', to);
  });
}

async function record(): Promise<void> {
  const command = unique();
  const run = await history.startRun({ command });
  note('run', run);
  const body = { unique: unique() };
  const report = await history.addReport({
    run,
    kind: 'drift',
    at: '2025-01-01',
    version: name,
    status: 'OK',
    body,
  });
  note('report', report);
  await history.finishRun(run, { status: 'ok', exit_code: 0 });
  note('finished', run);
}

async function handleTriggers(): Promise<void> {
  const fence = await history.acquireLease('handler', LEASE_SECONDS);
  if (fence === null) {
    return;
  }
  await unless(['lease.lost', 'history.conflict'], async () => {
    const run = await history.startRun({ command: unique() });
    note('run', run);
    const open = await history.take({ kind: 'trigger', limit: 20 }, { fence });
    const positions = open.map(({ position }) => position);
    await history.settle({ kind: 'trigger', positions, run }, { fence });
    positions.forEach((position) => note('settled', 'trigger', position, run));
    await history.finishRun(run, { status: 'ok', exit_code: 0 }, { fence });
    note('finished', run);
  });
  await history.releaseLease(fence);
}

async function runSchedule(): Promise<void> {
  const due = new Date(500 * Math.floor(Date.now() / 500)).toISOString();
  const claim = await claimSlot(history, { line: 'nightly', due, seconds: LEASE_SECONDS });
  if (claim === null) {
    return;
  }
  await unless(['lease.lost', 'history.conflict'], async () => {
    const run = await history.startRun({ command: `nightly ${due} ${unique()}` });
    note('run', run);
    await claim.done(run);
    note('slot', due, run);
  });
}

const SERVER = [
  () => post('trigger', [unique()]),
  () => post('outcome', Array.from({ length: 5 }, unique)),
  readAliases,
  readAliases,
];
const WORKER = [handleTriggers, moveChampion, record, record, runSchedule];
const work = role === 'server' ? SERVER : WORKER;

// A caller that got no answer tells it again under the same key.
for (const [, kind, key] of said('means')) {
  if (!said('posted').some(([, , posted]) => posted === key)) {
    await post(kind as EntryKind, [key]);
  }
}
while (done < Number(operations)) {
  await work[Math.floor(chance.uniform() * work.length)]();
  note('op', ++done);
}
await history.close();
