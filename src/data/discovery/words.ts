/**
 * The words of a column's name in lower case: "Customer ID", "customerId" and "CUSTOMER_ID" are the same two. A "number of"
 * things is a count of them, where "number" alone names one.
 */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')
    .replace(/\b(number|num|nr|no) of\b/g, 'count')
    .split(' ');
}

/** What people call a thing in column names. Whole words; a trailing * stands for any ending. */
const VOCABULARY = {
  user: 'user users customer customers client cust member subscriber account student learner player visitor person people household patient contact buyer shopper employee guest msisdn msno uid userid customerid clientid memberid',
  id: 'id ids uuid guid key code no nr num number ref hash token session invoice sku userid customerid clientid memberid uid',
  time: 'time date datetime timestamp ts at day when occurred created dt epoch',
  type: 'type event action activity category kind verb operation',
  signup: 'signup sign register* registration join* create* start* since open* activation enrol* first',
  end: 'cancel* churn* unregist* unregistration unsubscrib* end ended expir* terminat* deactivat* closed closing quit exit withdraw* leave left lapse*',
  outcome:
    'churn* result outcome status final target label cancel* unregist* terminat* withdraw* last latest ltv lifetime',
  personal:
    'name firstname lastname surname fullname email mail phone tel mobile address street zip postcode postal iban ssn birth* dob lat lon latitude longitude ip url password token',
  mean: 'score rating grade price rate percent pct ratio age temp* avg mean average level balance probability share',
  sum: 'amount quantity qty value revenue total minutes seconds hours duration click* count spend* spent cost paid sales usd eur gbp price units items bytes points number cds',
  money: 'amount revenue total spend* spent paid sales usd eur gbp payment value turnover dollar* cost',
  quantity: 'quantity qty units',
  price: 'price unitprice',
} as const;

export type Meaning = keyof typeof VOCABULARY;

const PATTERNS = Object.fromEntries(
  Object.entries(VOCABULARY).map(([meaning, words]) => [
    meaning,
    new RegExp(`^(${words.replaceAll('*', '\\p{L}*').split(' ').join('|')})$`, 'u'),
  ]),
) as Record<Meaning, RegExp>;

/** Whether a column's name holds a word of that meaning. */
export function means(name: string, meaning: Meaning): boolean {
  return wordsOf(name).some((word) => PATTERNS[meaning].test(word));
}

/** A name that a feature may have: letters, digits and _, a letter first. */
export function slug(name: string): string {
  const text = wordsOf(name.normalize('NFKD').replace(/\p{M}/gu, ''))
    .join('_')
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/_+/g, '_')
    .replace(/^_|_$/g, '');
  return /^[a-z]/.test(text) ? text : `v_${text}`.replace(/_$/, '');
}

/** The name of a column that is carried along: its own where a feature may be called so. */
export function nameFor(column: string): string {
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(column) ? column : slug(column);
}

/** A column in an SQL expression of the configuration. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) && !RESERVED.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

const RESERVED =
  /^(all|and|any|as|asc|between|by|case|cast|column|desc|distinct|end|from|group|having|in|is|join|limit|not|null|on|or|order|primary|references|select|table|then|to|union|unique|user|using|when|where|window|with)$/i;
