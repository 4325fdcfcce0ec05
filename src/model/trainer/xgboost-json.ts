import { ChurnError, messageOf } from '../../error.js';
import type { LinearForm } from '../linear-form.js';
import { emptyForest, type Forest } from '../tree/forest.js';

/** What we read of XGBoost's JSON model; its numbers of parameters are texts. */
interface SavedModel {
  learner: {
    learner_model_param: { base_score: string; num_class: string; num_feature: string; num_target?: string };
    objective: { name: string };
    gradient_booster: { name: string; model?: { trees?: SavedTree[]; weights?: number[] } };
  };
}

interface SavedTree {
  left_children: number[];
  right_children: number[];
  split_indices: number[];
  split_conditions: number[];
  default_left: (number | boolean)[];
  sum_hessian: number[];
  split_type?: number[];
}

/**
 * Reads the trees of a binary logistic model that XGBoost saved as JSON, from 1.7 to 3.x, and keeps the first `rounds`.
 * @throws model.mismatch for dart, categorical splits, several classes or targets, or another objective.
 */
export function forestFromJson(json: string, rounds = Number.POSITIVE_INFINITY): Forest {
  const { learner } = readSaved(json, 'gbtree');
  const trees = (learner.gradient_booster.model?.trees ?? []).slice(0, rounds);
  const orders = trees.map(preorder);
  const nodes = orders.reduce((total, order) => total + order.length, 0);
  const columns = Number(learner.learner_model_param.num_feature);
  const forest = emptyForest(columns, baseMarginOf(learner), trees.length, nodes);
  let offset = 0;
  trees.forEach((tree, index) => {
    forest.roots[index] = offset;
    copyTree(forest, tree, orders[index], offset);
    offset += orders[index].length;
  });
  return forest;
}

/**
 * Reads the weights of a saved gblinear model in the units of the matrix it was fitted to.
 * @throws model.mismatch (see forestFromJson)
 */
export function linearFromJson(json: string): LinearForm {
  const { learner } = readSaved(json, 'gblinear');
  const columns = Number(learner.learner_model_param.num_feature);
  const saved = learner.gradient_booster.model?.weights ?? [];
  if (saved.length !== columns + 1) {
    throw refuse('a linear model of one output', `${saved.length} weights for ${columns} columns`);
  }
  return {
    bias: baseMarginOf(learner) + saved[columns],
    weights: Float64Array.from(saved.slice(0, columns)),
    centres: new Float64Array(columns),
  };
}

function readSaved(json: string, booster: 'gbtree' | 'gblinear'): SavedModel {
  let saved: SavedModel;
  try {
    saved = JSON.parse(json) as SavedModel;
  } catch (error) {
    throw refuse('a model saved as JSON', messageOf(error));
  }
  const { learner_model_param: parameters, objective, gradient_booster: built } = saved.learner;
  if (built.name !== booster) {
    throw refuse(`a model of booster ${booster}`, `booster ${built.name}`);
  }
  if (objective.name !== 'binary:logistic') {
    throw refuse('objective binary:logistic', objective.name);
  }
  if (Number(parameters.num_class) > 1 || Number(parameters.num_target ?? 1) > 1) {
    throw refuse('one output', `${parameters.num_class} classes, ${parameters.num_target ?? 1} targets`);
  }
  return saved;
}

/** Log-odds of the base score, in float32 as the library computes it; the score is "5E-1" or, from 3.1, "[5E-1]". */
function baseMarginOf(learner: SavedModel['learner']): number {
  const text = learner.learner_model_param.base_score;
  const score = Math.fround(Number(text.replace(/^\[|\]$/g, '')));
  if (!(score > 0 && score < 1)) {
    throw refuse('a base score between 0 and 1', text);
  }
  const odds = Math.fround(Math.fround(1 / score) - 1);
  return -Math.fround(Math.log(odds));
}

/** The nodes reachable from the root, parents first: pruned nodes stay in the file, but not in the tree. */
function preorder(tree: SavedTree): number[] {
  if (tree.split_type?.some((type) => type !== 0)) {
    throw refuse('splits on numbers', 'a categorical split');
  }
  const order: number[] = [];
  const waiting = [0];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    order.push(node);
    if (tree.left_children[node] !== -1) {
      waiting.push(tree.right_children[node], tree.left_children[node]);
    }
  }
  return order;
}

function copyTree(forest: Forest, tree: SavedTree, order: readonly number[], offset: number): void {
  const place = new Map(order.map((node, index) => [node, offset + index]));
  order.forEach((node, index) => {
    const at = offset + index;
    forest.cover[at] = tree.sum_hessian[node];
    if (tree.left_children[node] === -1) {
      forest.leaf[at] = tree.split_conditions[node];
      return;
    }
    forest.column[at] = tree.split_indices[node];
    forest.threshold[at] = tree.split_conditions[node];
    forest.left[at] = place.get(tree.left_children[node])!;
    forest.right[at] = place.get(tree.right_children[node])!;
    forest.missingLeft[at] = tree.default_left[node] ? 1 : 0;
  });
}

function refuse(expected: string, came: string): ChurnError {
  return new ChurnError('model.mismatch', {
    expected: `${expected} from XGBoost`,
    came,
    fix: 'train with the parameters that churn-mlops knows',
  });
}
