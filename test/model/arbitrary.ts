import fc from 'fast-check';
import { emptyForest, type Forest } from '../../src/model/tree/forest.js';
import { random } from '../../src/random.js';

const STEPS = [-1.5, -0.5, 0, 0.1, 0.5, 2, 1e-20, 3e7].map(Math.fround);

/** A tree as nested nodes, before it is laid out. */
interface Node {
  split: { column: number; threshold: number; missingLeft: boolean; left: Node; right: Node } | null;
  leaf: number;
  cover: number;
}

/** A forest whose columns come again on a path, with thresholds that many values equal. */
export function randomForest(seed: number, columns: number, trees: number, depth: number): Forest {
  const { uniform, integer, normal } = random(seed);
  const grow = (left: number, cover: number): Node => {
    if (left === 0 || uniform() < 0.15) {
      return { split: null, leaf: Math.fround(normal()), cover: Math.fround(cover) };
    }
    const share = 0.02 + 0.96 * uniform();
    const split = {
      column: integer(columns),
      threshold: STEPS[integer(STEPS.length)],
      missingLeft: uniform() < 0.5,
      left: grow(left - 1, cover * share),
      right: grow(left - 1, cover * (1 - share)),
    };
    return { split, leaf: 0, cover: Math.fround(cover) };
  };
  return layOut(
    Array.from({ length: trees }, () => grow(depth, 1000)),
    columns,
    Math.fround(normal()),
  );
}

function layOut(trees: Node[], columns: number, baseMargin: number): Forest {
  const count = (node: Node): number =>
    1 + (node.split ? count(node.split.left) + count(node.split.right) : 0);
  const nodes = trees.reduce((total, tree) => total + count(tree), 0);
  const forest = emptyForest(columns, baseMargin, trees.length, nodes);
  let next = 0;
  const place = (node: Node): number => {
    const at = next++;
    forest.cover[at] = node.cover;
    forest.leaf[at] = node.leaf;
    if (node.split) {
      forest.column[at] = node.split.column;
      forest.threshold[at] = node.split.threshold;
      forest.missingLeft[at] = node.split.missingLeft ? 1 : 0;
      forest.left[at] = place(node.split.left);
      forest.right[at] = place(node.split.right);
    }
    return at;
  };
  trees.forEach((tree, index) => {
    forest.roots[index] = place(tree);
  });
  return forest;
}

/** Rows with missing values and values equal to thresholds. */
export function randomRows(seed: number, rows: number, columns: number): Float32Array {
  const { uniform, integer, normal } = random(seed);
  return Float32Array.from({ length: rows * columns }, () => {
    const kind = uniform();
    return kind < 0.15 ? Number.NaN : kind < 0.5 ? STEPS[integer(STEPS.length)] : normal();
  });
}

export const seeds = fc.integer({ min: 0, max: 0x7fffffff });
