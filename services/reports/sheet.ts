/** A table of a report, made for people and for spreadsheets alike. */
export type Sheet = {
  readonly title: string
  readonly columns: readonly Heading[]
  readonly rows: readonly (readonly Cell[])[]
}

export type Heading = {
  /** Of the spreadsheet's column. */
  readonly key: string
  /** For people. */
  readonly head: string
  readonly isNumber: boolean
  /** Left out where there is little room. */
  readonly isDetail: boolean
}

export type Cell = {
  /** Numbers as they are; times and names as text; null where nothing is known. */
  readonly value: string | number | null
  readonly text: string
}

/** How a column is made of a row. */
export type Column<Row> = {
  readonly key: string
  readonly head: string
  readonly value: (row: Row) => string | number | null | undefined
  /** Of numbers; without it the value is text. */
  readonly format?: (value: number) => string
  readonly isDetail?: boolean
}

export function sheetOf<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): Sheet {
  return {
    title,
    columns: columns.map(({ key, head, format, isDetail = false }) => ({
      key,
      head,
      isNumber: format !== undefined,
      isDetail
    })),
    rows: rows.map(row =>
      columns.map(({ value, format }) => {
        const given = value(row) ?? null
        return { value: given, text: typeof given === 'number' && format ? format(given) : String(given ?? '') }
      })
    )
  }
}
