import { HttpProblem } from '../problem.js';

export type Format = 'json' | 'csv';

const FORMATS: Record<string, Format> = { 'application/json': 'json', 'text/csv': 'csv' };

/** What a body is, by MLflow's rules: the only parameter allowed is `charset=utf-8`. @throws HttpProblem 415 */
export function formatOf(contentType: string | undefined): Format {
  const [type, ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  const strange = parameters.find((parameter) => !/^(charset="?utf-8"?)?$/.test(parameter));
  if (format === undefined || strange !== undefined) {
    const expected = `one of ${Object.keys(FORMATS).join(', ')} with no parameter but charset=utf-8`;
    throw new HttpProblem(
      'http.media_type',
      `expected ${expected}; got ${contentType?.slice(0, 80) ?? 'no content type'}`,
    );
  }
  return format;
}
