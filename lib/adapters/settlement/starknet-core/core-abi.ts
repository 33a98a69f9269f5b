import { parseAbi } from 'viem/utils'

/** What is called and read of the Starknet core contract (`StarkWare_Starknet_2025_10`); held against the stand-in's by a test. */
export const coreAbi = parseAbi([
  'function updateState(uint256[] programOutput, uint256 onchainDataHash, uint256 onchainDataSize)',
  'function updateStateKzgDA(uint256[] programOutput, bytes[] kzgProofs)',
  'function stateBlockNumber() view returns (int256)',
  'function stateRoot() view returns (uint256)',
  'function stateBlockHash() view returns (uint256)',
  'function programHash() view returns (uint256)',
  'function aggregatorProgramHash() view returns (uint256)',
  'function configHash() view returns (uint256)',
  'function isOperator(address who) view returns (bool)',
  'event LogStateTransitionFact(bytes32 stateTransitionFact)',
  'event LogStateUpdate(uint256 globalRoot, int256 blockNumber, uint256 blockHash)',
  'event LogMessageToL1(uint256 indexed fromAddress, address indexed toAddress, uint256[] payload)',
  'event LogMessageToL2(address indexed fromAddress, uint256 indexed toAddress, uint256 indexed selector, uint256[] payload, uint256 nonce, uint256 fee)',
  'event ConsumedMessageToL1(uint256 indexed fromAddress, address indexed toAddress, uint256[] payload)',
  'event ConsumedMessageToL2(address indexed fromAddress, uint256 indexed toAddress, uint256 indexed selector, uint256[] payload, uint256 nonce)',
  'event MessageToL2CancellationStarted(address indexed fromAddress, uint256 indexed toAddress, uint256 indexed selector, uint256[] payload, uint256 nonce)',
  'event MessageToL2Canceled(address indexed fromAddress, uint256 indexed toAddress, uint256 indexed selector, uint256[] payload, uint256 nonce)',
  'event ProgramHashChanged(address indexed changedBy, uint256 oldProgramHash, uint256 newProgramHash)',
  'event AggregatorProgramHashChanged(address indexed changedBy, uint256 oldAggregatorProgramHash, uint256 newAggregatorProgramHash)',
  'event ConfigHashChanged(address indexed changedBy, uint256 oldConfigHash, uint256 newConfigHash)',
])
