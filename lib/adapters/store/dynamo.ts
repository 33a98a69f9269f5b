import type { Store } from '../../ports.ts'
import { dynamoBatches } from './batches.ts'
import { dynamoDesk } from './desk.ts'
import { dynamoFundingVotes } from './funding-votes.ts'
import { dynamoGovernance } from './governance.ts'
import { dynamoHistory } from './history.ts'
import { dynamoIncidents } from './incidents.ts'
import { dynamoIntents } from './intents.ts'
import { dynamoLanes } from './lanes.ts'
import { dynamoLeases } from './leases.ts'
import { dynamoLedger } from './ledger.ts'
import { dynamoPositions } from './positions.ts'
import { dynamoPrices } from './prices.ts'
import { dynamoReports } from './reports.ts'
import { dynamoSystems } from './systems.ts'
import type { TableAccess } from './table-access.ts'
import { dynamoTicks } from './ticks.ts'
import { dynamoUptimes } from './uptimes.ts'

/** The store in one DynamoDB table: every decision is one conditional write to one row. */
export function dynamoStore(access: TableAccess): Store {
  return {
    ticks: dynamoTicks(access),
    reports: dynamoReports(access),
    prices: dynamoPrices(access),
    intents: dynamoIntents(access),
    lanes: dynamoLanes(access),
    leases: dynamoLeases(access),
    incidents: dynamoIncidents(access),
    desk: dynamoDesk(access),
    fundingVotes: dynamoFundingVotes(access),
    positions: dynamoPositions(access),
    ledger: dynamoLedger(access),
    batches: dynamoBatches(access),
    systems: dynamoSystems(access),
    uptimes: dynamoUptimes(access),
    governance: dynamoGovernance(access),
    history: dynamoHistory(access),
  }
}
