import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { History } from '../../../src/history/history.js';
import { openSqliteHistory } from '../../../src/history/sqlite/open.js';
import type { Manifest } from '../../../src/model/registry/manifest.js';
import { openRegistry, type Registry } from '../../../src/model/registry/registry.js';
import { cleanUp, newFolder } from '../../jobs/project.js';
import { bundle } from './bundle.js';

describe('the registry', () => {
  let folder: string;
  let history: History;
  let registry: Registry;
  let [first, second]: Manifest[] = [];

  before(async () => {
    folder = join(await newFolder(), 'models');
    history = await openSqliteHistory({ path: join(folder, '..', 'history.db'), clock: () => new Date() });
    registry = openRegistry({ folder, history });
    assert.deepEqual(await registry.list(), []);
    first = await registry.add(bundle('first'), new Date('2025-09-01T00:00:00Z'));
    second = await registry.add(bundle('second', '2025-08-16'), new Date('2025-09-02T00:00:00Z'));
  });
  after(async () => {
    await history.close();
    await cleanUp();
  });

  it('names a version by its day and its content', async () => {
    assert.match(first.version, /^20250815-[0-9a-f]{10}$/);
    const other = openRegistry({ folder: join(folder, '..', 'elsewhere'), history });
    assert.equal((await other.add(bundle('first'), new Date())).version, first.version);
    const same = bundle('first');
    same.manifest.seed = 2;
    assert.notEqual((await other.add(same, new Date())).version, first.version);
  });

  it('never changes a version: adding it again leaves the folder as it was', async () => {
    const path = join(registry.folder(first.version), 'manifest.json');
    const [text, { mtimeMs }] = [await readFile(path, 'utf8'), await stat(path)];
    const again = await registry.add(bundle('first'), new Date('2026-01-01T00:00:00Z'));
    assert.deepEqual(again, first);
    assert.equal(await readFile(path, 'utf8'), text);
    assert.equal((await stat(path)).mtimeMs, mtimeMs);
    assert.deepEqual((await readdir(folder)).toSorted(), [first.version, second.version].toSorted());
  });

  it('lists the newest first', async () => {
    assert.deepEqual(
      (await registry.list()).map(({ version }) => version),
      [second.version, first.version],
    );
  });

  it('does not see folders that are half written or not its own', async () => {
    await mkdir(join(folder, `.${first.version}.tmp-1-0123456789ab`), { recursive: true });
    await mkdir(join(folder, '20250817-0000000000'), { recursive: true });
    await writeFile(join(folder, '20250817-0000000000', 'model.onnx'), 'x');
    await writeFile(join(folder, 'notes.txt'), 'x');
    assert.equal((await registry.list()).length, 2);
    await assert.rejects(registry.find('20250817'), { code: 'registry.version_unknown' });
  });

  it('finds by name and by its beginning, and refuses what is ambiguous, unknown or empty', async () => {
    assert.deepEqual(await registry.find(first.version), first);
    assert.deepEqual(await registry.find(first.version.slice(0, 8)), first);
    await assert.rejects(registry.find('202508'), {
      code: 'registry.version_unknown',
      message: new RegExp(`"202508", which .*${second.version}.* begin with`),
    });
    for (const name of ['', '2026', '../models', 'constructor']) {
      await assert.rejects(registry.find(name), { code: 'registry.version_unknown', exitCode: 66 }, name);
    }
  });

  it('finds by alias', async () => {
    await assert.rejects(registry.find('champion'), { code: 'registry.champion_missing' });
    await assert.rejects(registry.find('challenger'), { code: 'registry.version_unknown' });
    assert.equal(await registry.champion(), null);
    const run = await history.startRun({ command: 'promote' });
    await history.moveAlias({ run, alias: 'champion', from: null, to: first.version, because: 'test' });
    assert.deepEqual(await registry.find('champion'), first);
    assert.deepEqual(await registry.champion(), first);
  });

  it('refuses a model, a profile or golden rows that were changed', async () => {
    assert.equal(await readFile(await registry.modelPath(second), 'utf8'), 'second');
    for (const [file, read] of [
      ['model.onnx', () => registry.modelPath(second)],
      ['reference_profile.json', () => registry.profile(second)],
      ['golden_rows.json', () => registry.golden(second)],
    ] as const) {
      const path = join(registry.folder(second.version), file);
      const text = await readFile(path);
      await read();
      await writeFile(path, `${text} `);
      await assert.rejects(
        read(),
        { code: 'model.mismatch', exitCode: 65, message: /as it was registered/ },
        file,
      );
      await writeFile(path, text);
      await read();
    }
  });

  it('refuses a manifest of another schema', async () => {
    const path = join(registry.folder(second.version), 'manifest.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, JSON.stringify({ ...JSON.parse(text), schema: 99 }));
    await assert.rejects(registry.find(second.version), { code: 'model.mismatch', message: /schema 99/ });
    await writeFile(path, text);
  });
});
