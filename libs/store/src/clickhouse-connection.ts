import { createClient, type ClickHouseClient } from '@clickhouse/client'

export type ClickhouseOptions = {
  readonly url: string
  /** A name of letters, digits and underscores. */
  readonly database: string
  readonly username: string
  readonly password: string
}

/** What a query is given, by the names in its {name:Type}. */
export type Given = Readonly<Record<string, unknown>>

/** A condition of a WHERE clause with what it is given. Names of one query differ. */
export type Condition = { readonly sql: string; readonly given: Given }

export const condition = (sql: string, given: Given = {}): Condition => ({ sql, given })

export const all = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.length === 0 ? 'true' : conditions.map(({ sql }) => `(${sql})`).join(' AND '),
  given: Object.assign({}, ...conditions.map(({ given }) => given)) as Given
})

/** ClickHouse over HTTP, in one database. */
export class ClickhouseConnection {
  readonly #client: ClickHouseClient

  constructor({ url, database, username, password }: ClickhouseOptions) {
    this.#client = createClient({
      url,
      database,
      username,
      password,
      application: 'earshot',
      request_timeout: 60_000,
      clickhouse_settings: {
        output_format_json_quote_64bit_integers: 0,
        do_not_merge_across_partitions_select_final: 1
      }
    })
  }

  async rows<Row>(sql: string, given: Given = {}): Promise<Row[]> {
    const result = await this.#client.query({ query: sql, query_params: { ...given }, format: 'JSONEachRow' })
    return result.json<Row>()
  }

  /** Rows of a table, by the names of columns, the same in each. */
  async insert(table: string, rows: readonly object[]): Promise<void> {
    const [first] = rows
    if (!first) return
    const columns = Object.keys(first) as [string, ...string[]]
    await this.#client.insert({ table, columns, values: rows, format: 'JSONEachRow' })
  }

  async command(sql: string, given: Given = {}): Promise<void> {
    await this.#client.command({ query: sql, query_params: { ...given } })
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
