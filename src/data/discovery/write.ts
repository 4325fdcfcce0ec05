import type { Proposal, Setting } from './proposal.js';

/** Longest line; a reason that does not fit beside its key stands above it. */
const WIDTH = 118;

/** Blank line and title before each of these. */
const TITLES: Record<string, string> = {
  sources: 'Where your data come from. Columns that are not named here keep their names.',
  label: 'What churn is.',
  population: 'Which user-days are trained on, watched and judged: users at risk.',
  features: 'What is known of a user on a day.',
  training: 'How a model is trained.',
  drift: 'What is watched for drift.',
};

/** churn.yaml with the reason of every line. */
export function writeConfig(proposal: Proposal): string {
  const head = [
    '# churn-mlops configuration, proposed by `churn-mlops init --from` from what the files hold. Each line says why.',
    '# Keys that are not here have their defaults: docs/reference/configuration.md, or `churn-mlops config`.',
    ...(proposal.notes.length > 0
      ? [
          '#',
          '# Look at these before you trust the result:',
          ...proposal.notes.flatMap((note) => wrapped(`- ${note}`, '#   ')),
        ]
      : []),
  ];
  const open: string[] = [];
  const body = proposal.settings.flatMap((setting) => linesOf(setting, open));
  return `${[...head, ...body].join('\n')}\n`;
}

/** The lines of one setting; `open` are the maps that the lines before it stand in. */
function linesOf(setting: Setting, open: string[]): string[] {
  const parents = setting.path.slice(0, -1);
  const shared = parents.findIndex((name, i) => open[i] !== name);
  const from = shared === -1 ? parents.length : shared;
  const lines: string[] = [];
  for (let depth = from; depth < parents.length; depth++) {
    if (depth === 0) {
      lines.push('', `# ${TITLES[parents[0]] ?? parents[0]}`);
    }
    lines.push(`${'  '.repeat(depth)}${plainOrQuoted(parents[depth])}:`);
  }
  open.splice(0, open.length, ...parents);
  const indent = '  '.repeat(parents.length);
  const line = `${indent}${plainOrQuoted(setting.path[parents.length])}: ${flow(setting.value)}`;
  const because = setting.confidence === 'low' ? `A guess: ${setting.because}` : setting.because;
  const beside = `${line}  # ${because}`;
  return [...lines, ...(beside.length <= WIDTH ? [beside] : [...wrapped(because, `${indent}# `), line])];
}

function wrapped(text: string, prefix: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(/\s+/g, ' ').split(' ')) {
    if (line !== '' && prefix.length + line.length + word.length + 1 > WIDTH) {
      lines.push(`${prefix}${line}`);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, `${prefix}${line}`];
}

/** A value in YAML's flow style. */
function flow(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(flow).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${plainOrQuoted(key)}: ${flow(item)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? plainOrQuoted(value) : String(value);
}

/** Texts that YAML reads as they are stand bare; JSON's quotes are YAML's too. */
function plainOrQuoted(text: string): string {
  const plain = /^[A-Za-z][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*$/.test(text);
  return plain && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text);
}
