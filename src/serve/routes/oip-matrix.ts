import type { Encoding, FeatureSpec } from '../../model/encode.js';
import type { ColumnValues } from '../predict.js';
import { refuse } from './check.js';
import type { Tensor } from './oip-tensor.js';

/**
 * The tensor `features` [rows, columns of the design matrix] as columns by feature. A number is taken as it is. A category
 * must be one 1 among zeros (that category), all zeros (none that the model knows) or all missing (null).
 * @throws InvalidRows (400) for another shape or other values in the columns of a category
 */
export function columnsOfMatrix({ shape, values }: Tensor, encoding: Encoding): Record<string, ColumnValues> {
  const { features, starts, columns: names } = encoding;
  const width = names.length;
  if (shape.length !== 2 || shape[1] !== width) {
    refuse('inputs.features.shape', `[rows, ${width}]`, `[${shape.join(', ')}]`);
  }
  const rows = shape[0];
  const columns: Record<string, ColumnValues> = Object.create(null);
  features.forEach((feature, index) => {
    columns[feature.name] =
      feature.type === 'number'
        ? numbersAt(values, starts[index], width, rows)
        : categoriesAt(values, starts[index], width, rows, feature);
  });
  return columns;
}

function numbersAt(values: Tensor['values'], start: number, width: number, rows: number): ColumnValues {
  if (!(values instanceof Float64Array)) {
    return Array.from({ length: rows }, (_, row) => values[row * width + start]);
  }
  const column = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    column[row] = values[row * width + start];
  }
  return column;
}

function categoriesAt(
  values: Tensor['values'],
  start: number,
  width: number,
  rows: number,
  { name, categories }: Extract<FeatureSpec, { type: 'category' }>,
): (string | null)[] {
  const unseen = unseenOf(categories);
  return Array.from({ length: rows }, (_, row) => {
    let [missing, zeros, found] = [0, 0, unseen];
    for (let place = 0; place < categories.length; place++) {
      const value = values[row * width + start + place];
      if (value === 1 || value === true) {
        found = categories[place];
      } else if (value === 0 || value === false) {
        zeros++;
      } else if (value === null || Number.isNaN(value)) {
        missing++;
      }
    }
    if (missing > 0 && missing === categories.length) {
      return null;
    }
    if (zeros !== categories.length - (found === unseen ? 0 : 1)) {
      refuse(
        `inputs.features[${row}]`,
        `one 1 at most and zeros in the columns of "${name}"`,
        'other values',
      );
    }
    return found;
  });
}

/** A text that is none of the categories. */
function unseenOf(categories: readonly string[]): string {
  let text = 'other';
  while (categories.includes(text)) {
    text += '*';
  }
  return text;
}
