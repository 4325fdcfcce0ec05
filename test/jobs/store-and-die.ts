import { loadConfig } from '../../src/config/load.js';
import { recorded } from '../../src/jobs/record.js';
import { openProject } from '../../src/open.js';
import { bundle } from '../model/registry/bundle.js';

// Run as a process of its own: `store-and-die.js FOLDER NAME stored|reported`. Does what a retrain does around storing a
// version, and is killed right after.
const [folder, name, moment] = process.argv.slice(2);
const project = await openProject(await loadConfig({ folder, environment: process.env }));
await recorded(project, { command: 'retrain' }, async (parent) => {
  await recorded(project, { command: 'train', parent }, async (run) => {
    const { version } = await project.registry.add(bundle(name), project.clock());
    console.log(version);
    if (moment === 'stored') {
      process.kill(process.pid, 'SIGKILL');
    }
    const report = { run, kind: 'training', at: null, version, status: 'ok', body: {} } as const;
    await project.history.addReport(report);
    return { value: null };
  });
  process.kill(process.pid, 'SIGKILL');
  return { value: null };
});
