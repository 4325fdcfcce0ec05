import { ChurnError } from '../../src/error.js';
import { openSqliteHistory } from '../../src/history/sqlite/open.js';

// Run as a process of its own: opens the history it is told and prints what came of a write.
try {
  const history = await openSqliteHistory({ path: process.argv[2], clock: () => new Date(0) });
  await history.startRun({ command: 'x' });
  console.log('written');
} catch (error) {
  console.log(error instanceof ChurnError ? `${error.code} ${error.message}` : `other ${error}`);
}
