/** A metric as the catalogue declares it. The unit is part of the name, as Prometheus wants it. */
type Declared<Kind extends string, Label extends string> = {
  readonly kind: Kind
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
  /** The only values of a label, where they are finite; any other is counted under `other`. */
  readonly values: Values<string>
  /** Past so many series, the labels without finite values become `other`. */
  readonly maxSeries: number
}

export type Counter<Label extends string = string> = Declared<'counter', Label>
export type Gauge<Label extends string = string> = Declared<'gauge', Label>
export type Histogram<Label extends string = string> = Declared<'histogram', Label> & {
  /** Upper bounds, rising; `+Inf` is understood. */
  readonly buckets: readonly number[]
}
export type Metric<Label extends string = string> = Counter<Label> | Gauge<Label> | Histogram<Label>

type Values<Label extends string> = { readonly [L in Label]?: readonly string[] }

export type Labels<Label extends string> = Readonly<Record<Label, string>>

type Declaration<Label extends string> = {
  readonly help: string
  readonly labels?: readonly Label[]
  readonly values?: Values<NoInfer<Label>>
  readonly maxSeries?: number
}

const declared = <Kind extends string, Label extends string>(
  kind: Kind,
  name: string,
  { help, labels = [], values = {}, maxSeries = 10_000 }: Declaration<Label>
): Declared<Kind, Label> => ({ kind, name, help, labels, values, maxSeries })

export const counter = <const Label extends string = never>(
  name: `${string}_total`,
  declaration: Declaration<Label>
): Counter<Label> => declared('counter', name, declaration)

export const gauge = <const Label extends string = never>(
  name: string,
  declaration: Declaration<Label>
): Gauge<Label> => declared('gauge', name, declaration)

export const histogram = <const Label extends string = never>(
  name: string,
  { buckets, ...declaration }: Declaration<Label> & { readonly buckets: readonly number[] }
): Histogram<Label> => ({ ...declared('histogram', name, declaration), buckets })
