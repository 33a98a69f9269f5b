// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract Bridge {
    address public rollup;

    function setRollup(address next) external {
        rollup = next;
    }
}

struct GlobalState {
    bytes32[2] bytes32Vals;
    uint64[2] u64Vals;
}

enum MachineStatus {
    RUNNING,
    FINISHED,
    ERRORED
}

/// What both kinds of rollup tell; whoever calls may set it.
abstract contract Configured {
    uint64 public confirmPeriodBlocks;
    uint256 public minimumAssertionPeriod;
    bytes32 public wasmModuleRoot;
    bool public paused;
    bool public validatorWhitelistDisabled;
    uint256 public baseStake;
    address public owner;

    function setUp(uint64 period, bytes32 moduleRoot, address owner_) external {
        confirmPeriodBlocks = period;
        minimumAssertionPeriod = 75;
        wasmModuleRoot = moduleRoot;
        owner = owner_;
        baseStake = 3600 ether;
        validatorWhitelistDisabled = true;
    }

    function pause(bool isPaused) external {
        paused = isPaused;
    }
}

contract BoldRollup is Configured {
    struct ConfigData {
        bytes32 wasmModuleRoot;
        uint256 requiredStake;
        address challengeManager;
        uint64 confirmPeriodBlocks;
        uint64 nextInboxPosition;
    }

    struct BeforeStateData {
        bytes32 prevPrevAssertionHash;
        bytes32 sequencerBatchAcc;
        ConfigData configData;
    }

    struct AssertionState {
        GlobalState globalState;
        MachineStatus machineStatus;
        bytes32 endHistoryRoot;
    }

    struct AssertionInputs {
        BeforeStateData beforeStateData;
        AssertionState beforeState;
        AssertionState afterState;
    }

    event AssertionCreated(
        bytes32 indexed assertionHash,
        bytes32 indexed parentAssertionHash,
        AssertionInputs assertion,
        bytes32 afterInboxBatchAcc,
        uint256 inboxMaxCount,
        bytes32 wasmModuleRoot,
        uint256 requiredStake,
        address challengeManager,
        uint64 confirmPeriodBlocks
    );
    event AssertionConfirmed(bytes32 indexed assertionHash, bytes32 blockHash, bytes32 sendRoot);

    uint64 public constant challengeGracePeriodBlocks = 14400;
    bytes32 public latestConfirmed;

    function claim(uint256 number) external {
        AssertionInputs memory inputs;
        bytes32 hash = keccak256(abi.encode(number));
        bytes32 parent = keccak256(abi.encode(number - 1));
        emit AssertionCreated(
            hash, parent, inputs, 0, 0, wasmModuleRoot, baseStake, address(0), confirmPeriodBlocks
        );
    }

    function confirm(uint256 number) external {
        latestConfirmed = keccak256(abi.encode(number));
        emit AssertionConfirmed(latestConfirmed, 0, 0);
    }
}

/// A rollup of before BoLD.
contract NodeRollup is Configured {
    struct ExecutionState {
        GlobalState globalState;
        MachineStatus machineStatus;
    }

    struct Assertion {
        ExecutionState beforeState;
        ExecutionState afterState;
        uint64 numBlocks;
    }

    event NodeCreated(
        uint64 indexed nodeNum,
        bytes32 indexed parentNodeHash,
        bytes32 indexed nodeHash,
        bytes32 executionHash,
        Assertion assertion,
        bytes32 afterInboxBatchAcc,
        bytes32 wasmModuleRoot,
        uint256 inboxMaxCount
    );
    event NodeConfirmed(uint64 indexed nodeNum, bytes32 blockHash, bytes32 sendRoot);

    uint64 public latestConfirmed;

    function claim(uint256 number) external {
        Assertion memory assertion;
        emit NodeCreated(uint64(number), 0, keccak256(abi.encode(number)), 0, assertion, 0, wasmModuleRoot, 0);
    }

    function confirm(uint256 number) external {
        latestConfirmed = uint64(number);
        emit NodeConfirmed(uint64(number), 0, 0);
    }
}

/// The events of OpenZeppelin's TimelockController, without its rules.
contract Timelock {
    event CallScheduled(
        bytes32 indexed id,
        uint256 indexed index,
        address target,
        uint256 value,
        bytes data,
        bytes32 predecessor,
        uint256 delay
    );
    event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data);
    event Cancelled(bytes32 indexed id);

    function schedule(bytes32 id, address[] calldata targets, bytes calldata data, uint256 delay) external {
        for (uint256 i; i < targets.length; i++) emit CallScheduled(id, i, targets[i], 0, data, 0, delay);
    }

    function execute(bytes32 id, address target, bytes calldata data) external {
        emit CallExecuted(id, 0, target, 0, data);
    }

    function cancel(bytes32 id) external {
        emit Cancelled(id);
    }
}
