import * as promql from '@grafana/promql-builder'

type Expression = promql.Builder<promql.Expr>

declare const labels: unique symbol

/**
 * An expression of PromQL that gives instant vectors whose series have these labels. What asks for a label that the
 * series have not is a type error.
 */
export type Query<Label extends string> = {
  readonly expression: Expression
  readonly [labels]?: (label: Label) => Label
}

/** A query of whatever labels. */
export type AnyQuery = Pick<Query<never>, 'expression'>

/** The expression as Prometheus reads it. */
export const text = (query: AnyQuery): string => promql.toString(query.expression.build())

const query = <Label extends string>(expression: Expression): Query<Label> => ({ expression })

const operand = (side: AnyQuery | number): Expression => (typeof side === 'number' ? promql.n(side) : side.expression)

// Aggregations.

type Aggregation = {
  <Label extends string>(of: Query<Label>): Query<never>
  <Label extends string, const By extends Label>(of: Query<Label>, by: readonly By[]): Query<By>
}

const aggregation = (builder: (of: Expression) => promql.AggregationExprBuilder): Aggregation =>
  ((of: AnyQuery, by: readonly string[] = []) => query(builder(of.expression).by([...by]))) as Aggregation

export const sum = aggregation(promql.sum)
export const max = aggregation(promql.max)
export const min = aggregation(promql.min)
export const avg = aggregation(promql.avg)
export const count = aggregation(promql.count)
/** 1 for each of what is there. */
export const group = aggregation(promql.group)

/** The series with the highest values; with `by`, that many of each. */
export const topk = <Label extends string, const By extends Label = never>(
  k: number,
  of: Query<Label>,
  by: readonly By[] = []
): Query<Label> => query(promql.topk(k, of.expression).by([...by]))

/** A quantile (0 to 1) of a histogram, from the rates of its buckets; without data in a range it is NaN. */
export const histogramQuantile = <Label extends string>(
  quantile: number,
  buckets: Query<Label | 'le'>
): Query<Exclude<Label, 'le'>> => query(promql.histogramQuantile(quantile, buckets.expression))

// Operators. Without `on` both sides have the same labels.

type Operator = {
  <Label extends string>(left: Query<Label>, right: Query<NoInfer<Label>> | number): Query<Label>
  <Label extends string>(left: number, right: Query<Label>): Query<Label>
  /** `group_left`: many on the left to one on the right, whose labels `add` come along. */
  <Left extends string, Right extends string, const On extends Left & Right, const Add extends Right>(
    left: Query<Left>,
    right: Query<Right>,
    matching: { readonly on: readonly On[]; readonly add: readonly Add[] }
  ): Query<Left | Add>
  <Left extends string, Right extends string, const On extends Left & Right>(
    left: Query<Left>,
    right: Query<Right>,
    matching: { readonly on: readonly On[] }
  ): Query<On>
}

type Matching = { readonly on: readonly string[]; readonly add?: readonly string[] }

const operator = (operation: promql.BinaryOp): Operator =>
  ((left: AnyQuery | number, right: AnyQuery | number, matching?: Matching) => {
    const expression = new promql.BinaryExprBuilder().op(operation).left(operand(left)).right(operand(right))
    if (matching !== undefined) expression.on([...matching.on])
    if (matching?.add !== undefined) expression.groupLeft([...matching.add])
    return query(expression)
  }) as Operator

export const add = operator('+')
export const subtract = operator('-')
export const multiply = operator('*')
export const divide = operator('/')

/** Each in parts of one whole. */
export const shareOf = <Label extends string>(parts: Query<Label>, whole: Query<never>): Query<Label> =>
  query(promql.div(parts.expression, promql.scalar(whole.expression)))

/** Those on the left, with their values, for which the comparison is true. */
export const compare = <Label extends string>(
  left: Query<Label>,
  comparison: '>' | '>=' | '<' | '<=' | '==' | '!=',
  right: Query<NoInfer<Label>> | number
): Query<Label> => operator(comparison)(left, right)

type SetOperator = <Left extends string, Right extends string, const On extends Left & Right>(
  left: Query<Left>,
  right: Query<Right>,
  on: readonly On[]
) => Query<Left>

const setOperator =
  (operation: promql.BinaryOp): SetOperator =>
  (left, right, on) =>
    query(
      new promql.BinaryExprBuilder()
        .op(operation)
        .left(left.expression)
        .right(right.expression)
        .on([...on])
    )

/** Those on the left that have a partner on the right. */
export const and = setOperator('and')
/** Those on the left that have none. */
export const unless = setOperator('unless')
/** All on the left, and those on the right that have no partner there. */
export const or = <Label extends string>(left: Query<Label>, right: Query<NoInfer<Label>>): Query<Label> =>
  query(promql.or(left.expression, right.expression))

// Functions.

export const clampMin = <Label extends string>(of: Query<Label>, least: number): Query<Label> =>
  query(promql.clampMin(of.expression, least))

/** 1, without labels but those that the selection fixes, where there is nothing. */
export const absent = <Label extends string>(of: Query<Label>): Query<never> => query(promql.absent(of.expression))

/** A number as a series without labels. */
export const constant = (value: number): Query<never> => query(promql.vect(value))

/** Seconds since the time, in seconds since 1970, that the values are. */
export const age = <Label extends string>(of: Query<Label>): Query<Label> =>
  query(promql.sub(promql.time(), of.expression))

/** The same series with one more label: `source`, rewritten by a regular expression (RE2, anchored). */
export const relabel = <Label extends string, const To extends string>(
  of: Query<Label>,
  { to, source, matching = '(.*)', as = '$1' }: Relabelling<NoInfer<Label>, To>
): Query<Label | To> =>
  // promql-builder writes string arguments as they are, without quotes.
  query(
    promql.labelReplace(
      of.expression,
      JSON.stringify(to),
      JSON.stringify(as),
      JSON.stringify(source),
      JSON.stringify(matching)
    )
  )

type Relabelling<Label extends string, To extends string> = {
  readonly to: To
  readonly source: Label
  readonly matching?: string
  readonly as?: string
}
