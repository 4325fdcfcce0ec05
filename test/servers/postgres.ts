import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const ADMINISTRATOR = 'churn';
const PASSWORD = 'se:cr/et';

export interface PostgresServer {
  port: number;
  /** The address of a new, empty database. */
  newDatabase(): Promise<string>;
  /** Stops in order (fast) or as a crash would (immediate), stays away for a while, starts again. */
  restart(how: 'fast' | 'immediate', awaySeconds?: number): Promise<void>;
  start(): Promise<void>;
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  /** SIGKILL of the server and all its processes, as a power cut would. */
  kill(): Promise<void>;
  /** Runs SQL in a database and gives back what psql prints. */
  sql(statement: string, database?: string): string;
  log(): string;
  remove(): Promise<void>;
}

/**
 * A real PostgreSQL in a temporary folder on a free port, gone after `remove`. Debian's package is installed when it is
 * missing. Locale and encoding are not C, so that an order which depends on them shows.
 * @param durable with fsync, for tests of crashes; without, starting and writing are quicker
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const programs = installed() ?? (await install());
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'churn-postgres-'));
  if (user) {
    chownSync(folder, user.uid, user.gid);
  }
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  run('sh', ['-c', `umask 077; printf '%s' "$1" > "$2"`, 'sh', PASSWORD, passwordFile], user);
  const facts = ['-U', ADMINISTRATOR, '--pwfile', passwordFile, '-A', 'scram-sha-256'];
  const locale = ['-E', 'UTF8', '--locale', 'C', '--locale-provider', 'icu', '--icu-locale', 'en-US'];
  run(join(programs, 'initdb'), ['-D', data, ...facts, ...locale, '--no-sync', '--no-instructions'], user);
  const port = await freePort();
  const environment = { ...process.env, PGPASSWORD: PASSWORD, PGCONNECT_TIMEOUT: '5' };
  let server: ChildProcess | null = null;
  let databases = 0;

  const sql = (statement: string, database = 'postgres') => {
    const place = ['-h', '127.0.0.1', '-p', String(port), '-U', ADMINISTRATOR, '-d', database];
    const options = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement];
    const done = spawnSync(join(programs, 'psql'), [...place, ...options], {
      encoding: 'utf8',
      env: environment,
    });
    if (done.status !== 0) {
      throw new Error(`psql: ${done.stderr}`);
    }
    return done.stdout.trim();
  };

  const logFile = join(folder, 'log');
  const start = async () => {
    const settings = { fsync: durable ? 'on' : 'off', synchronous_commit: 'on', max_connections: '60' };
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const place = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
    const command = `exec "$0" "$@" >> '${logFile}' 2>&1`;
    const program = join(programs, 'postgres');
    const launch = () =>
      spawn('sh', ['-c', command, program, ...place, ...given], { stdio: 'ignore', ...user });
    server = launch();
    for (const until = Date.now() + 30_000; ; ) {
      const ready = spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]);
      if (ready.status === 0) {
        return;
      }
      if (Date.now() > until) {
        throw new Error(`PostgreSQL did not start: ${readFileSync(logFile, 'utf8')}`);
      }
      if (server.exitCode !== null) {
        // After a kill its processes need a moment to notice.
        server = launch();
      }
      await sleep(50);
    }
  };

  const ended = async (signal: NodeJS.Signals) => {
    const present = server;
    server = null;
    if (present !== null && present.exitCode === null && present.signalCode === null) {
      const exit = once(present, 'exit');
      present.kill(signal);
      await exit;
    }
  };

  const stop = (how: 'fast' | 'immediate' = 'fast') => ended(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
  // A test that ends without `remove` leaves no server behind.
  const atExit = () => server?.kill('SIGQUIT');
  process.once('exit', atExit);
  await start();
  return {
    port,
    sql,
    start,
    stop,
    newDatabase: async () => {
      const name = `history_${++databases}`;
      sql(`create database ${name}`);
      return `postgres://${ADMINISTRATOR}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${name}`;
    },
    restart: async (how, awaySeconds = 0) => {
      await stop(how);
      await sleep(1000 * awaySeconds);
      await start();
    },
    kill: async () => {
      const children = childrenOf(server?.pid);
      await ended('SIGKILL');
      // Left alone they answer for a moment longer.
      for (const child of children) {
        killIfThere(child);
      }
    },
    log: () => readFileSync(logFile, 'utf8'),
    remove: async () => {
      await stop('immediate');
      process.off('exit', atExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of the newest PostgreSQL's programs. */
function installed(): string | null {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const newest = versions
    .filter((version) => existsSync(join(DEBIAN_FOLDER, version, 'bin', 'initdb')))
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
  return newest === undefined ? null : join(DEBIAN_FOLDER, newest, 'bin');
}

/** Tries again while somebody else installs something: apt waits for one of its locks by itself, and not for the other. */
async function install(): Promise<string> {
  const apt = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300'];
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const until = Date.now() + 300_000;
  for (const what of [['update'], ['install', '--no-install-recommends', 'postgresql']]) {
    for (;;) {
      try {
        run('apt-get', [...what, ...apt], undefined, environment);
        break;
      } catch (error) {
        if (Date.now() > until || !/lock/.test(String(error))) {
          throw error;
        }
        await sleep(2000);
      }
    }
  }
  const programs = installed();
  if (programs === null) {
    throw new Error('apt-get installed postgresql, and its initdb is not there');
  }
  return programs;
}

/** PostgreSQL refuses to be run by root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres')!;
  return { uid: Number(uid), gid: Number(gid) };
}

function run(
  program: string,
  args: string[],
  user?: { uid: number; gid: number },
  env: NodeJS.ProcessEnv = process.env,
): void {
  const done = spawnSync(program, args, { encoding: 'utf8', env, ...user });
  if (done.status !== 0) {
    throw new Error(`${program} failed: ${done.error ?? `${done.stdout}${done.stderr}`}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Ids of the processes that a process has started; none where the system does not tell. */
function childrenOf(id: number | undefined): number[] {
  const told = `/proc/${id}/task/${id}/children`;
  return existsSync(told) ? readFileSync(told, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

function killIfThere(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
