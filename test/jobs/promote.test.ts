import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { compareVersions, reservedWindow } from '../../src/jobs/compare.js';
import { PRODUCTION_FILE, promote } from '../../src/jobs/promote.js';
import { previousChampion, rollback } from '../../src/jobs/rollback.js';
import { trainVersion } from '../../src/jobs/train.js';
import type { Manifest } from '../../src/model/registry/manifest.js';
import type { Project } from '../../src/open.js';
import { addDays } from '../../src/time.js';
import { call, cleanUp, copyOf, openIn, preparedProject, QUICK, readReport, STORY } from './project.js';

const AT = STORY.trained;

/** A model that knows next to nothing: it sees two columns. */
const BLIND = { ...QUICK, training: { ...(QUICK.training as object), exclude: [] as string[] } };

describe('promotion', () => {
  let project: Project;
  let linear: Manifest;
  let weak: Manifest;

  before(async () => {
    project = await preparedProject();
    linear = await trainVersion(project, { at: AT, trainer: 'linear' });
    const names = linear.features.map(({ name }) => name).filter((name) => name !== 'support_ticket_7d');
    BLIND.training.exclude = names;
    weak = await trainVersion(await blind(), { at: AT, trainer: 'linear' });
  });
  after(cleanUp);

  /** The same project with a configuration that hides nearly everything from the model. */
  async function blind(): Promise<Project> {
    await writeFile(project.file, JSON.stringify(BLIND));
    const opened = await openIn(project.root);
    await writeFile(project.file, JSON.stringify(QUICK));
    return opened;
  }

  const promoted = async (on: Project, version: string, force = false) =>
    promote(on, { version, force, at: AT });

  it('the first version is promoted, and its record published where scripts look', async () => {
    const on = await copyOf(project);
    const result = await promoted(on, weak.version);
    assert.deepEqual([result.verdict, result.replaced], ['promoted', null]);
    const record = await readReport<{ version: string; metrics: Record<string, number> }>(
      on,
      PRODUCTION_FILE,
    );
    assert.equal(record.version, weak.version);
    assert.equal(record.metrics.pr_auc, weak.measures.pr_auc.value);
    assert.equal(record.metrics.roc_auc, weak.measures.roc_auc.value);
    assert.equal(typeof record.metrics.pr_auc, 'number');
  });

  it('a better version replaces the champion, the worse one is rejected', async () => {
    const on = await copyOf(project);
    await promoted(on, weak.version);
    const up = await promoted(on, linear.version);
    assert.deepEqual([up.verdict, up.replaced], ['promoted', weak.version], up.because);
    assert.ok((up.comparison?.gain_lower_bound as number) > 0);
    const down = await promoted(on, weak.version);
    assert.equal(down.verdict, 'rejected');
    assert.equal(await on.history.alias('champion'), linear.version);
    assert.equal(await on.history.alias('challenger'), null);
  });

  it('the champion itself is not promoted again, but its record is published if a kill had prevented that', async () => {
    const on = await copyOf(project);
    await promoted(on, linear.version);
    await writeFile(on.layout.metrics(PRODUCTION_FILE), '{}');
    const again = await promoted(on, linear.version);
    assert.equal(again.verdict, 'none');
    assert.equal((await readReport(on, PRODUCTION_FILE)).version, linear.version);
    assert.equal((await on.history.aliasMoves()).length, 1);
  });

  it('too few of a class: held, and named challenger', async () => {
    const on = await copyOf(project, { ...QUICK, gate: { minimum_per_class: 5000 } });
    await promoted(on, weak.version);
    const result = await promoted(on, linear.version);
    assert.equal(result.verdict, 'held');
    assert.match(result.because, /at least 5000 are needed of each class/);
    assert.equal(await on.history.alias('challenger'), linear.version);
    const again = await promoted(on, linear.version);
    assert.equal(again.verdict, 'held');
    const moves = await on.history.aliasMoves({ alias: 'challenger' });
    assert.equal(moves.length, 1, 'the same challenger is not named twice');
    assert.match(moves[0].because, /at least 5000/);
    await promote(on, { version: null, force: true, at: AT });
    assert.deepEqual(await on.history.aliases(), { champion: linear.version, challenger: null });
  });

  it('compares on labelled days that are newer than either training by the purge gap', async () => {
    const on = await copyOf(project);
    const report = await compareVersions(on, { champion: weak.version, challenger: linear.version, at: AT });
    assert.ok(report.window);
    assert.equal(report.window.from, addDays(linear.data.to, linear.data.purge_days));
    assert.equal(report.window.to, addDays(AT, 1 - 30));
    assert.equal(linear.data.purge_days, 30);
    const later: Manifest = { ...linear, data: { ...linear.data, to: addDays(linear.data.to, 10) } };
    assert.equal(reservedWindow(weak, later, '2026-01-01')?.from, addDays(report.window.from, 10));
    assert.deepEqual(reservedWindow(weak, later, '2026-01-01'), reservedWindow(later, weak, '2026-01-01'));
  });

  it('without reserved days it is undecided: exit 3, and held', async () => {
    const on = await copyOf(project);
    await promoted(on, weak.version);
    const early = addDays(linear.data.to, 40);
    const found = await call(on.root, ['compare', weak.version, linear.version, '--at', early, '--json']);
    assert.equal(found.code, 3);
    assert.deepEqual([found.json().window, found.json().verdict], [null, 'undecided']);
    const result = await promote(on, { version: linear.version, force: false, at: early });
    assert.equal(result.verdict, 'held');
    assert.match(result.because, /no labelled days that neither version learnt from/);
  });

  it('refuses to compare versions with different labels', async () => {
    const on = await copyOf(project);
    const path = `${on.registry.folder(linear.version)}/manifest.json`;
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, label: { ...manifest.label, horizon_days: 60 } }));
    await assert.rejects(
      compareVersions(on, { champion: weak.version, challenger: linear.version, at: AT }),
      { code: 'model.mismatch', message: /the same label/ },
    );
  });

  it('two rollbacks go back two champions; every move has its reason', async () => {
    const on = await copyOf(project);
    const third = await trainVersion(on, { at: addDays(AT, -1), trainer: 'linear' }).catch(() => null);
    assert.ok(third);
    for (const version of [weak.version, linear.version, third.version]) {
      await promoted(on, version, true);
    }
    const first = await rollback(on, { because: 'complaints' });
    assert.deepEqual([first.version, first.replaced], [linear.version, third.version]);
    const second = await call(on.root, ['rollback', '--because', 'still complaints', '--json']);
    assert.equal(second.json().version, weak.version);
    assert.equal((await readReport(on, PRODUCTION_FILE)).version, weak.version);
    await assert.rejects(rollback(on, { because: 'more' }), { code: 'registry.version_unknown' });
    const moves = (await on.history.aliasMoves({ alias: 'champion' })).reverse();
    assert.deepEqual(
      moves.map(({ from, to }) => [from, to]),
      [
        [null, weak.version],
        [weak.version, linear.version],
        [linear.version, third.version],
        [third.version, linear.version],
        [linear.version, weak.version],
      ],
    );
    assert.equal(moves[4].because, 'rollback: still complaints');
    assert.ok(moves.every(({ because }) => because.length > 0));
  });

  it('promotions at once come one after the other, and history stays a chain', async () => {
    const on = await copyOf(project);
    const results = await Promise.all([promoted(on, linear.version, true), promoted(on, weak.version, true)]);
    assert.deepEqual(
      results.map(({ verdict }) => verdict),
      ['promoted', 'promoted'],
    );
    const moves = (await on.history.aliasMoves({ alias: 'champion' })).reverse();
    moves.slice(1).forEach(({ from }, i) => {
      assert.equal(from, moves[i].to);
    });
    assert.equal((await readReport(on, PRODUCTION_FILE)).version, await on.history.alias('champion'));
  });

  it('a move from a champion who is none any more is a conflict', async () => {
    const on = await copyOf(project);
    await promoted(on, linear.version);
    const [run] = await on.history.runs({ limit: 1 });
    await assert.rejects(
      on.history.moveAlias({ run: run.id, alias: 'champion', from: weak.version, to: null, because: 'late' }),
      { code: 'history.conflict' },
    );
  });

  it('a version whose file was changed is not promoted', async () => {
    const on = await copyOf(project);
    const path = await on.registry.modelPath(linear);
    const bytes = await readFile(path);
    bytes[bytes.length - 20] ^= 1;
    await writeFile(path, bytes);
    await assert.rejects(promoted(on, linear.version), { code: 'model.mismatch' });
    assert.equal(await on.history.alias('champion'), null);
    const found = await call(on.root, ['promote', linear.version]);
    assert.equal(found.code, 65);
  });
});

describe('the champion to go back to', () => {
  const moves = (...reasons: [to: string, because?: string][]) =>
    reasons.map(([to, because = 'promoted']) => ({ to, because })).reverse();

  it('is none for the first', () => assert.equal(previousChampion(moves(['a'])), null));
  it('is the one before', () => assert.equal(previousChampion(moves(['a'], ['b'])), 'a'));
  it('is a champion of before who was promoted again, not the rollback', () => {
    assert.equal(previousChampion(moves(['a'], ['b'], ['a'])), 'b');
    assert.equal(previousChampion(moves(['a'], ['b'], ['a', 'rollback: why'])), null);
    assert.equal(previousChampion(moves(['a'], ['b'], ['a', 'rollback: why'], ['c'])), 'a');
  });
});
