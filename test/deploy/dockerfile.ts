import { readFileSync } from 'node:fs';

export interface Instruction {
  /** In capitals: COPY, RUN, ... */
  name: string;
  text: string;
}

export interface Stage {
  name: string;
  /** An image, or a stage before. */
  from: string;
  instructions: Instruction[];
}

/** The stages of the Dockerfile in order, with ARGs of the head filled into FROM. */
export function readStages(path = 'Dockerfile'): Stage[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const instructions = lines.map((line): Instruction => {
    const [, name, text] = /^(\w+)\s+(.*)$/.exec(line.trim()) as RegExpExecArray;
    return { name, text: text.replace(/\s+/g, ' ') };
  });
  const defaults = new Map<string, string>();
  const stages: Stage[] = [];
  for (const one of instructions) {
    if (one.name === 'ARG' && stages.length === 0) {
      const [name, value] = one.text.split('=');
      defaults.set(name, value);
    } else if (one.name === 'FROM') {
      const [image, , name] = one.text.split(' ');
      const from = image.replace(/\$\{(\w+)\}/, (_, key: string) => defaults.get(key) as string);
      stages.push({ name, from, instructions: [] });
    } else {
      stages[stages.length - 1].instructions.push(one);
    }
  }
  return stages;
}

export interface Copy {
  /** Stage that it is taken from; null: our files. */
  from: string | null;
  sources: string[];
  target: string;
}

export function copyOf(text: string): Copy {
  const [, from = null, rest] = /^(?:--from=(\S+) )?(.*)$/.exec(text) as unknown as [
    string,
    string | null,
    string,
  ];
  const parts = rest.split(' ');
  return { from, sources: parts.slice(0, -1), target: parts[parts.length - 1] };
}

/** The instructions of a stage and of those that it is built upon, oldest first. */
export function wholeStage(stages: readonly Stage[], name: string): Instruction[] {
  const stage = stages.find((one) => one.name === name);
  return stage === undefined ? [] : [...wholeStage(stages, stage.from), ...stage.instructions];
}
