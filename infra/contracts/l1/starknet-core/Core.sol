// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../proxy/BehindProxy.sol";
import {NamedAddress, NamedBool, NamedUint, addressAt, boolAt, uintAt} from "../proxy/Named.sol";
import "./Messages.sol";
import "./Operators.sol";
import "./ProgramOutput.sol";
import "./Blobs.sol";

interface IFacts {
    function isValid(bytes32 fact) external view returns (bool);
}

/// The Starknet core contract's stand-in on L1: our own contract with the interface, the rules and the order of checks of
/// `StarkWare_Starknet_2025_10`. It holds where Starknet stands, and moves on when an operator brings the output of a program
/// whose fact the registry knows.
///
/// The fact is asked for before the previous hash and root are compared: an output built on another fork is refused as one
/// that is not proved yet.
contract Core is BehindProxy, Operators, Messages {
    event ProgramHashChanged(address indexed changedBy, uint256 oldProgramHash, uint256 newProgramHash);
    event AggregatorProgramHashChanged(
        address indexed changedBy, uint256 oldAggregatorProgramHash, uint256 newAggregatorProgramHash
    );
    event ConfigHashChanged(address indexed changedBy, uint256 oldConfigHash, uint256 newConfigHash);
    event LogStateTransitionFact(bytes32 stateTransitionFact);
    event LogStateUpdate(uint256 globalRoot, int256 blockNumber, uint256 blockHash);
    event Finalized();

    /// Where Starknet stands.
    struct State {
        uint256 root;
        int256 blockNumber;
        uint256 blockHash;
    }

    bytes32 private constant PROGRAM = keccak256("STARKNET_1.0_INIT_PROGRAM_HASH_UINT");
    bytes32 private constant AGGREGATOR = keccak256("STARKNET_1.0_INIT_AGGREGATOR_PROGRAM_HASH_UINT");
    bytes32 private constant CONFIG = keccak256("STARKNET_1.0_STARKNET_CONFIG_HASH");
    bytes32 private constant REGISTRY = keccak256("STARKNET_1.0_INIT_VERIFIER_ADDRESS");
    bytes32 private constant STATE = keccak256("STARKNET_1.0_INIT_STARKNET_STATE_STRUCT");
    bytes32 private constant COLLECTOR = keccak256("FEE_COLLECTION_ADDRESS_SLOT_TAG");
    bytes32 private constant FINAL = keccak256("STARKWARE_CONTRACTS_GOVERENED_FINALIZABLE_1.0_TAG");
    bytes32 private constant GOVERNORS = keccak256("STARKNET_1.0_GOVERNANCE_INFO");

    uint256 private constant FIRST_CANCELLATION_DELAY = 5 days;

    modifier notFinalized() {
        require(!isFinalized(), "FINALIZED");
        _;
    }

    function identify() external pure returns (string memory) {
        return "StarkWare_Starknet_2025_10";
    }

    function isFrozen() external pure returns (bool) {
        return false;
    }

    function isFinalized() public view returns (bool) {
        return boolAt(FINAL).value;
    }

    function programHash() public view returns (uint256) {
        return uintAt(PROGRAM).value;
    }

    function aggregatorProgramHash() public view returns (uint256) {
        return uintAt(AGGREGATOR).value;
    }

    function configHash() public view returns (uint256) {
        return uintAt(CONFIG).value;
    }

    /// Zero until one is set: then who brings the update takes the fees.
    function feeCollector() public view returns (address) {
        return addressAt(COLLECTOR).value;
    }

    function stateRoot() external view returns (uint256) {
        return _state().root;
    }

    /// Minus one before the first update.
    function stateBlockNumber() external view returns (int256) {
        return _state().blockNumber;
    }

    function stateBlockHash() external view returns (uint256) {
        return _state().blockHash;
    }

    function setProgramHash(uint256 next) external notFinalized onlyGovernance {
        emit ProgramHashChanged(msg.sender, programHash(), next);
        uintAt(PROGRAM).value = next;
    }

    function setAggregatorProgramHash(uint256 next) external notFinalized onlyGovernance {
        emit AggregatorProgramHashChanged(msg.sender, aggregatorProgramHash(), next);
        uintAt(AGGREGATOR).value = next;
    }

    function setConfigHash(uint256 next) external notFinalized onlyGovernance {
        emit ConfigHashChanged(msg.sender, configHash(), next);
        uintAt(CONFIG).value = next;
    }

    function setMessageCancellationDelay(uint256 delaySeconds) external notFinalized onlyGovernance {
        _setCancellationDelay(delaySeconds);
    }

    function setFeeCollectionAddress(address collector) external onlyGovernance {
        (bool takes,) = collector.call("");
        require(takes, "ADDRESS_DOES_NOT_ACCEPT_ETH");
        addressAt(COLLECTOR).value = collector;
    }

    /// Ends the setters with a delay or a hash in them; updates, operators and governors go on.
    function finalize() external onlyGovernance notFinalized {
        boolAt(FINAL).value = true;
        emit Finalized();
    }

    /// With the block's data in the calldata, as pages of the proved statement.
    function updateState(uint256[] calldata programOutput, uint256 onchainDataHash, uint256 onchainDataSize)
        external
        onlyOperator
    {
        _requireNext(programOutput);
        require(programOutput[ProgramOutput.USES_BLOBS] == 0, "UNEXPECTED_KZG_DA_FLAG");
        uint256 length = programOutput.length;
        bytes32 pages = keccak256(
            abi.encodePacked(
                keccak256(abi.encodePacked(programOutput)), length, onchainDataHash, length + onchainDataSize
            )
        );
        // One more than the hash marks an inner node of the statement's tree of pages.
        _update(programOutput, bytes32(uint256(pages) + 1), ProgramOutput.HEADER);
    }

    /// With the block's data in blobs of this transaction.
    function updateStateKzgDA(uint256[] calldata programOutput, bytes[] calldata kzgProofs) external onlyOperator {
        _requireNext(programOutput);
        require(programOutput[ProgramOutput.USES_BLOBS] == 1, "UNEXPECTED_KZG_DA_FLAG");
        uint256 words = Blobs.check(programOutput[ProgramOutput.HEADER:], kzgProofs);
        bytes32 page = keccak256(abi.encodePacked(programOutput));
        _update(programOutput, page, ProgramOutput.HEADER + words);
    }

    function starknetIsGovernor(address who) external view returns (bool) {
        return _isGovernor(who);
    }

    function starknetNominateNewGovernor(address who) external {
        _nominate(who);
    }

    function starknetRemoveGovernor(address who) external {
        _dismiss(who);
    }

    function starknetAcceptGovernance() external {
        _accept();
    }

    function starknetCancelNomination() external {
        _cancelNomination();
    }

    /// What can be told without reading the output: it is long enough, and follows on what is settled.
    function _requireNext(uint256[] calldata output) private view {
        require(output.length > ProgramOutput.HEADER, "STARKNET_OUTPUT_TOO_SHORT");
        int256 settled = _state().blockNumber;
        uint256 expected = settled == -1 ? ProgramOutput.FIELD_PRIME - 1 : uint256(settled);
        require(output[ProgramOutput.PREVIOUS_BLOCK_NUMBER] == expected, "INVALID_PREV_BLOCK_NUMBER");
    }

    function _update(uint256[] calldata output, bytes32 transition, uint256 messagesAt) private {
        require(ProgramOutput.areFelts(output), "PROGRAM_OUTPUT_VALUE_OUT_OF_RANGE");
        require(output[ProgramOutput.CONFIG_HASH] == configHash(), "INVALID_CONFIG_HASH");
        require(output[ProgramOutput.FULL_OUTPUT] == 0, "FULL_OUTPUT_NOT_SUPPORTED");
        bytes32 fact = keccak256(abi.encode(_provedProgram(output[ProgramOutput.OS_PROGRAM_HASH]), transition));
        require(IFacts(addressAt(REGISTRY).value).isValid(fact), "NO_STATE_TRANSITION_PROOF");
        emit LogStateTransitionFact(transition);

        _move(output);
        uint256 end = messagesAt + _takeMessagesToL1(output[messagesAt:]);
        address collector = feeCollector();
        end += _consumeMessagesToL2(output[end:], collector == address(0) ? msg.sender : collector);
        require(end == output.length, "STARKNET_OUTPUT_TOO_LONG");

        State storage state = _state();
        emit LogStateUpdate(state.root, state.blockNumber, state.blockHash);
        // The collector was called with the fees, and may have settled another update.
        require(uint256(state.blockNumber) == output[ProgramOutput.NEW_BLOCK_NUMBER], "REENTRANCY_FAILURE");
    }

    /// An output that names the program whose runs were joined is the joining program's own.
    function _provedProgram(uint256 joined) private view returns (uint256) {
        if (joined == 0) return programHash();
        require(joined == programHash(), "AGGREGATOR_MODE_INVALID_OS_PROGRAM_HASH");
        return aggregatorProgramHash();
    }

    function _move(uint256[] calldata output) private {
        State storage state = _state();
        int256 next = int256(output[ProgramOutput.NEW_BLOCK_NUMBER]);
        require(next > state.blockNumber, "INVALID_NEW_BLOCK_NUMBER");
        require(output[ProgramOutput.PREVIOUS_BLOCK_HASH] == state.blockHash, "INVALID_PREV_BLOCK_HASH");
        require(output[ProgramOutput.PREVIOUS_ROOT] == state.root, "INVALID_PREVIOUS_ROOT");
        state.blockNumber = next;
        state.blockHash = output[ProgramOutput.NEW_BLOCK_HASH];
        state.root = output[ProgramOutput.NEW_ROOT];
    }

    function _isInitialized() internal view override returns (bool) {
        return programHash() != 0;
    }

    /// Seven words: program, aggregator, registry, configuration, root, block number, block hash.
    function _initializeOnce(bytes calldata words) internal override {
        require(words.length == 7 * 32, "ILLEGAL_INIT_DATA_SIZE");
        require(uint256(bytes32(words[:32])) != 0, "BAD_INITIALIZATION");
        State memory first;
        (
            uintAt(PROGRAM).value,
            uintAt(AGGREGATOR).value,
            addressAt(REGISTRY).value,
            uintAt(CONFIG).value,
            first
        ) = abi.decode(words, (uint256, uint256, address, uint256, State));
        State storage state = _state();
        state.root = first.root;
        state.blockNumber = first.blockNumber;
        state.blockHash = first.blockHash;
        _setCancellationDelay(FIRST_CANCELLATION_DELAY);
        _beginGovernance();
    }

    function _state() private pure returns (State storage state) {
        bytes32 slot = STATE;
        assembly ("memory-safe") {
            state.slot := slot
        }
    }

    function _office() internal pure override returns (Office storage office) {
        bytes32 slot = GOVERNORS;
        assembly ("memory-safe") {
            office.slot := slot
        }
    }
}
