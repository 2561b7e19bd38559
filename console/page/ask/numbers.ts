/** `$0.00005`: two significant digits under a dollar. */
export const dollars = (usd: number): string =>
  `$${usd === 0 || usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(2)).toString()}`;

/** Whether values of an Athena type are numbers. */
export const isNumberType = (type: string): boolean =>
  /^(tinyint|smallint|int|integer|bigint|float|real|double|decimal)/.test(type);
