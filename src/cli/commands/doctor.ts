import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { PACKAGE_VERSIONS, PROGRAM_VERSION } from '../../version.js';
import { type CliCommand, EXIT } from '../command.js';

interface Finding {
  part: string;
  state: 'ok' | 'missing';
  found: string;
  needed_for: string;
  fix: string | null;
}

export const doctorCommand: CliCommand = {
  name: 'doctor',
  summary: 'what is installed, what is missing and how to get it',
  examples: ['churn-mlops doctor', 'churn-mlops doctor --json'],
  run: async ({ output, environment }) => {
    const packages = nativePackages();
    const loads = packages.some(({ part, state }) => part === 'koffi' && state === 'ok');
    const library = loads ? await xgboost(environment) : XGBOOST_WITHOUT_KOFFI;
    const findings = [nodeVersion(), ...packages, library, pip()];
    output.report({ version: PROGRAM_VERSION, findings }, () => {
      output.table(
        ['part', 'state', 'found', 'needed for'],
        findings.map(({ part, state, found, needed_for }) => [
          part,
          output.tone(state === 'ok' ? 'good' : 'bad', state),
          found,
          needed_for,
        ]),
      );
      for (const { part, fix } of findings) {
        if (fix !== null) {
          output.line(`${part}: ${fix}`);
        }
      }
    });
    return findings.some((finding) => finding.state === 'missing' && finding.part !== 'pip') ? 66 : EXIT.fine;
  },
};

function nodeVersion(): Finding {
  const recent = Number(process.versions.node.split('.')[0]) >= 20;
  return {
    part: 'Node',
    state: recent ? 'ok' : 'missing',
    found: process.version,
    needed_for: 'everything',
    fix: recent ? null : 'install Node 20 or newer',
  };
}

const NATIVE: [name: string, neededFor: string][] = [
  ['@duckdb/node-bindings', 'the SQL engine'],
  ['libsql', 'history'],
  ['onnxruntime-node', 'scoring'],
  ['koffi', 'training'],
];

function nativePackages(): Finding[] {
  const load = createRequire(import.meta.url);
  return NATIVE.map(([name, needed_for]) => {
    try {
      load(name);
      return { part: name, state: 'ok', found: PACKAGE_VERSIONS[name], needed_for, fix: null };
    } catch (error) {
      return {
        part: name,
        state: 'missing',
        found: String((error as Error).message).split('\n')[0],
        needed_for,
        fix: 'run npm ci; if it stays missing, there is no build for this platform',
      };
    }
  });
}

/** So in an image that only serves. */
const XGBOOST_WITHOUT_KOFFI: Finding = {
  part: 'XGBoost',
  state: 'missing',
  found: 'not looked for: koffi, which loads it, is missing',
  needed_for: 'training',
  fix: 'train where koffi is installed, such as the image that works',
};

async function xgboost(environment: NodeJS.ProcessEnv): Promise<Finding> {
  const { findLibrary } = await import('../../model/trainer/library.js');
  const found = await findLibrary(environment);
  return found === null
    ? {
        part: 'XGBoost',
        state: 'missing',
        found: 'no library',
        needed_for: 'training',
        fix: 'the first training fetches it with pip; or pip install xgboost-cpu; or set CHURN_XGBOOST_LIBRARY to a libxgboost',
      }
    : {
        part: 'XGBoost',
        state: 'ok',
        found: `${found.version} (${found.origin}: ${found.path})`,
        needed_for: 'training',
        fix: null,
      };
}

function pip(): Finding {
  const answer = spawnSync('python3', ['-m', 'pip', '--version'], { encoding: 'utf8' });
  return answer.status === 0
    ? {
        part: 'pip',
        state: 'ok',
        found: answer.stdout.split(' ').slice(0, 2).join(' '),
        needed_for: 'fetching XGBoost once',
        fix: null,
      }
    : {
        part: 'pip',
        state: 'missing',
        found: 'no python3 with pip',
        needed_for: 'fetching XGBoost once',
        fix: 'install python3 with pip, or set CHURN_XGBOOST_LIBRARY',
      };
}
