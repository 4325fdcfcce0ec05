import { runProgram } from './program.js';

// The first Ctrl-C asks the work to stop and clean up; the second ends the process.
const abort = new AbortController();
for (const [signal, name] of [
  ['SIGINT', 'Ctrl-C'],
  ['SIGTERM', 'SIGTERM'],
] as const) {
  process.once(signal, () => {
    abort.abort(new Error(name));
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}
// Started by a process that is gone: another scheduler does it anew.
if (process.connected) {
  process.once('disconnect', () => {
    abort.abort(new Error('the end of who started it'));
    setTimeout(() => process.exit(143), 30_000).unref();
  });
}
// A reader that closes the pipe early (`| head`) is no error: the work goes on to its end, unheard.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.exit(74);
    }
  });
}

const exitCode = await runProgram({
  args: process.argv.slice(2),
  folder: process.cwd(),
  environment: process.env,
  signal: abort.signal,
  out: process.stdout,
  err: process.stderr,
});
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(exitCode);
