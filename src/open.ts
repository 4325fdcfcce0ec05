import { join } from 'node:path';
import type { LoadedConfig } from './config/load.js';
import { openDuckDB } from './data/engine/duckdb.js';
import type { Engine } from './data/engine/engine.js';
import { inRoot, type Layout, layoutOf } from './data/layout.js';
import { removeLeftovers } from './files.js';
import type { History } from './history/history.js';
import { openSqliteHistory } from './history/sqlite.js';
import { openRegistry, type Registry } from './model/registry/registry.js';
import { linearTrainer } from './model/trainer/linear.js';
import type { Trainer } from './model/trainer/trainer.js';
import { xgboostTrainer } from './model/trainer/xgboost.js';
import type { Clock } from './time.js';
import { PROGRAM_VERSION } from './version.js';

/** A configured project with its parts. The engine is opened by the first use. */
export interface Project extends LoadedConfig {
  layout: Layout;
  clock: Clock;
  history: History;
  registry: Registry;
  engine(): Promise<Engine>;
  trainer(id: Trainer['id']): Trainer;
  close(): Promise<void>;
}

/** Picks the adapters that a configuration names: the only place that does, and that reads the clock. */
export async function openProject(loaded: LoadedConfig, clock: Clock = () => new Date()): Promise<Project> {
  const { config, root } = loaded;
  const layout = layoutOf(config, root);
  const history = await openSqliteHistory({
    path: inRoot(root, config.history.url.replace(/^sqlite:/, '')),
    clock,
    program: `churn-mlops ${PROGRAM_VERSION}`,
  });
  let engine: Promise<Engine> | null = null;
  return {
    ...loaded,
    layout,
    clock,
    history,
    registry: openRegistry({ folder: layout.modelsFolder, history }),
    engine: () => {
      engine ??= openDuckDB({
        memoryLimit: config.engine.memory,
        threads: config.engine.threads,
        spillFolder: inRoot(root, config.engine.spill),
      });
      return engine;
    },
    trainer: (id) => (id === 'xgboost' ? xgboostTrainer : linearTrainer),
    close: async () => {
      await engine?.then((opened) => opened.close());
      await history.close();
    },
  };
}

/** An engine without a project, for commands that work on any two files. */
export async function openLooseEngine(temporaryFolder: string): Promise<Engine> {
  return openDuckDB({
    memoryLimit: '2GB',
    threads: 2,
    spillFolder: join(temporaryFolder, 'churn-mlops-spill'),
  });
}

/** Removes what killed commands left beside the tables. */
export async function tidy(layout: Layout): Promise<void> {
  const folders = [layout.userDaily, layout.userFeaturesDaily].map((path) => join(path, '..'));
  await Promise.all(
    [...folders, layout.predictionsFolder, layout.metricsFolder, layout.modelsFolder].map(removeLeftovers),
  );
}
