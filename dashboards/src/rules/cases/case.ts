/** What Prometheus reads in a test of a rule, and which alerts it must have then. */
export type AlertCase = {
  readonly name: string
  /** Values each minute from 0 on, by series, in promtool's notation: `0+10x20` rises by ten, twenty times. */
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  /** None where the rule has to be silent. */
  readonly alerts?: readonly ExpectedAlert[]
}

export type ExpectedAlert = {
  /** Without alertname, service and area. */
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  readonly description: string
}

export type AlertCases = Readonly<Record<string, readonly AlertCase[]>>
