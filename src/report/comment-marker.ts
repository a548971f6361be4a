/** Stands at the start of our comment, so that it can be found again. Authorship must match too: anyone can type this. */
export const COMMENT_MARKER = '<!-- tailgate:report -->'
