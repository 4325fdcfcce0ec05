import { type Edges, edgesOf, expectedMargin, largestTree, mostColumnsOnPath } from './edges.js';
import { endOf, type Forest } from './forest.js';
import { gaussLegendre } from './quadrature.js';

/** Explains rows of one forest; it owns its working memory, so that explaining a row allocates nothing. */
export interface ForestExplainer {
  /** Log-odds of the training rows on average (by cover): what the contributions are added to. */
  expected: number;
  /** Writes the contribution of each column to the log-odds of one row into `into` (length: columns). */
  explain(values: Float32Array, row: number, into: Float64Array): void;
}

/**
 * Path-dependent TreeSHAP (Lundberg et al. 2020) by quadrature, in two passes over the nodes.
 *
 * On the way to a leaf of value v let column i be satisfied (o_i = 1) or not (0), and let z_i be the share of the cover that
 * goes along. Then column i gets v (o_i - z_i) times the integral over t in [0, 1] of the product over the path's other columns
 * of g_j(t) = o_j t + z_j (1 - t): Shapley's weights k! (D-k-1)! / D! are Beta integrals. The integrand is a polynomial of degree
 * below D, so Gauss-Legendre's rule with half as many points is exact, and all factors are positive: nothing cancels.
 * Down: products G along the paths. Up: sums H of v G over the leaves below. A column met again on a path
 * replaces its earlier edge, whose share of these leaves is taken back. O(nodes x depth / 2) a row.
 */
export function forestExplainer(forest: Forest): ForestExplainer {
  const edges = edgesOf(forest);
  const { points, weights } = gaussLegendre(Math.max(1, Math.ceil(mostColumnsOnPath(forest, edges) / 2)));
  const work = workFor(largestTree(forest));
  return {
    expected: expectedMargin(forest, edges),
    explain(values, row, into) {
      into.fill(0);
      for (let tree = 0; tree < forest.roots.length; tree++) {
        const first = forest.roots[tree];
        const end = endOf(forest, tree);
        if (end - first > 1) {
          markPassed(forest, edges, work, first, end, values, row * forest.columns);
          for (let q = 0; q < points.length; q++) {
            goDown(forest, edges, work, first, end, points[q]);
            goUp(forest, edges, work, first, end, weights[q], into);
          }
        }
      }
    },
  };
}

/** Working memory for one tree; index 0 is its root. */
interface Work {
  /** At an inner node: the row goes left. */
  goesLeft: Uint8Array;
  /** o: the row satisfies this node's edge and all edges of the same column above. */
  passed: Uint8Array;
  /** g, G and H at one point of the quadrature. (Tables of g by node were measured: slower than dividing.) */
  factor: Float64Array;
  product: Float64Array;
  sum: Float64Array;
}

function workFor(nodes: number): Work {
  return {
    goesLeft: new Uint8Array(nodes),
    passed: new Uint8Array(nodes),
    factor: new Float64Array(nodes),
    product: new Float64Array(nodes),
    sum: new Float64Array(nodes),
  };
}

function markPassed(
  forest: Forest,
  edges: Edges,
  work: Work,
  first: number,
  end: number,
  values: Float32Array,
  offset: number,
): void {
  const { column, threshold, missingLeft } = forest;
  const { goesLeft, passed } = work;
  for (let node = first; node < end; node++) {
    const tested = column[node];
    if (tested >= 0) {
      const value = values[offset + tested];
      const left = value < threshold[node] || (!(value >= threshold[node]) && missingLeft[node] === 1);
      goesLeft[node - first] = left ? 1 : 0;
    }
    const parent = edges.parent[node];
    if (parent >= 0) {
      const same = edges.same[node];
      const here = goesLeft[parent - first] === edges.isLeft[node];
      passed[node - first] = here && (same < 0 || passed[same - first] === 1) ? 1 : 0;
    }
  }
}

function goDown(forest: Forest, edges: Edges, work: Work, first: number, end: number, point: number): void {
  const { passed, factor, product, sum } = work;
  const { parent, same, share } = edges;
  const { leaf } = forest;
  product[0] = 1;
  sum[0] = 0;
  for (let node = first + 1; node < end; node++) {
    const at = node - first;
    const g = passed[at] * point + share[node] * (1 - point);
    factor[at] = g;
    let along = product[parent[node] - first] * g;
    if (same[node] >= 0) {
      along /= factor[same[node] - first];
    }
    product[at] = along;
    // The value of an inner node is 0.
    sum[at] = leaf[node] * along;
  }
}

function goUp(
  forest: Forest,
  edges: Edges,
  work: Work,
  first: number,
  end: number,
  weight: number,
  into: Float64Array,
): void {
  const { passed, factor, sum } = work;
  const { parent, same, share } = edges;
  const { column } = forest;
  for (let node = end - 1; node > first; node--) {
    const at = node - first;
    const above = parent[node];
    const earlier = same[node];
    const below = sum[at];
    sum[above - first] += below;
    let contribution = ((passed[at] - share[node]) * below) / factor[at];
    if (earlier >= 0) {
      const before = earlier - first;
      contribution -= ((passed[before] - share[earlier]) * below) / factor[before];
    }
    into[column[above]] += weight * contribution;
  }
}
