/** Rows under each other: text to the left, numbers to the right. The last column may be free, for text of any length. */
export function alignColumns(rows: readonly (readonly string[])[], lastColumn: 'number' | 'free'): string[] {
  const count = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0
      if (lastColumn === 'free' && column === row.length - 1) return cell
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `  ${cells.join('  ')}`
  })
}
