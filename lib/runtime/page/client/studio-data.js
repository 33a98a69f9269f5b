/**
 * What the page asks of parameters and history, and the steps that it may take.
 *
 * @typedef {import('../../studio/parameters-view.ts').ParametersView} ParametersView
 * @typedef {import('../../studio/stretch.ts').StretchCourse} StretchCourse
 * @typedef {import('../../parameters/check-parameters.ts').KnownParameter} KnownParameter
 * @typedef {import('../../studio/kept-slots.ts').KeptList} KeptList
 * @typedef {import('../../studio/kept-slots.ts').SlotView} SlotView
 * @typedef {'propose' | 'shadow' | 'activate' | 'withdraw' | 'roll-back' | 'emergency'} StepName
 * @typedef {{ kind: 'taken' } | { kind: 'refused', problems: readonly string[] }} StepAnswer
 */

const { dataset } = document.documentElement

/** Empty where parameters are not changed from here. */
const token = dataset['token'] ?? ''

export const mayAct = token !== ''

/** Who steps are by unless another name is given. */
export const ownName = dataset['by'] ?? ''

/**
 * Throws an error of one sentence where there is no answer.
 *
 * @param {string} path
 * @param {Record<string, string | number>} [query]
 * @returns {Promise<unknown>}
 */
export async function asked(path, query = {}) {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  )
  const response = await fetch(`api/${path}?${search.toString()}`, { cache: 'no-store' }).catch(
    () => {
      throw new Error('the page’s server does not answer')
    },
  )
  if (response.ok) return await response.json()
  throw new Error(await errorOf(response))
}

/**
 * @param {StepName} step
 * @param {Record<string, unknown>} body
 * @returns {Promise<StepAnswer>}
 */
export async function take(step, body) {
  try {
    const response = await fetch(`api/parameters/${step}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-starkeep-token': token },
      body: JSON.stringify(body),
    })
    if (response.ok) return { kind: 'taken' }
    const { error, problems = [error] } =
      /** @type {{ error: string, problems?: readonly string[] }} */ (await response.json())
    return { kind: 'refused', problems }
  } catch {
    return {
      kind: 'refused',
      problems: ['the page’s server does not answer; whether the step was taken is shown above'],
    }
  }
}

/** @param {Response} response */
async function errorOf(response) {
  const { error } = /** @type {{ error: string }} */ (await response.json())
  return error
}
