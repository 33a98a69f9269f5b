/** What a receiver answered, where it is JSON; undefined, which no schema takes, where it is not. */
export function answerJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
