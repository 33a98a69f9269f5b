/** Makes each thing once, by its id. What failed is made anew for the next caller; its error goes to those who waited. */
export function onceEach<Input, Output>(
  idOf: (input: Input) => string,
  make: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  const made = new Map<string, Promise<Output>>()

  async function fresh(input: Input, id: string): Promise<Output> {
    try {
      return await Promise.resolve(input).then(make)
    } catch (error) {
      made.delete(id)
      throw error
    }
  }

  return (input) => {
    const id = idOf(input)
    const result = made.get(id) ?? fresh(input, id)
    made.set(id, result)
    return result
  }
}
