// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What a portal with dispute games tells; whoever calls may set it.
contract Portal {
    uint32 public respectedGameType;
    uint64 public respectedGameTypeUpdatedAt;
    bool public paused;
    address public guardian;
    address public disputeGameFactory;
    uint256 public proofMaturityDelaySeconds;
    uint256 public disputeGameFinalityDelaySeconds;

    function setUp(address factory, address guardian_, uint256 maturity, uint256 delay) external {
        disputeGameFactory = factory;
        guardian = guardian_;
        proofMaturityDelaySeconds = maturity;
        disputeGameFinalityDelaySeconds = delay;
    }

    function respect(uint32 gameType) external {
        respectedGameType = gameType;
        respectedGameTypeUpdatedAt = uint64(block.timestamp);
    }

    function pause(bool isPaused) external {
        paused = isPaused;
    }
}

/// Anybody begins games of any type.
contract DisputeGameFactory {
    event DisputeGameCreated(address indexed disputeProxy, uint32 indexed gameType, bytes32 indexed rootClaim);

    struct Game {
        uint32 gameType;
        uint64 timestamp;
        address proxy;
    }

    Game[] private games;
    mapping(uint32 => address) public gameImpls;
    mapping(uint32 => bytes) public gameArgs;

    function setImplementation(uint32 gameType, address implementation) external {
        gameImpls[gameType] = implementation;
    }

    function setArguments(uint32 gameType, bytes calldata arguments) external {
        gameArgs[gameType] = arguments;
    }

    function create(uint32 gameType, uint256 times) external {
        for (uint256 i; i < times; i++) {
            address proxy = address(uint160(0xdead0000 + games.length));
            games.push(Game(gameType, uint64(block.timestamp), proxy));
            emit DisputeGameCreated(proxy, gameType, bytes32(games.length));
        }
    }

    function gameCount() external view returns (uint256) {
        return games.length;
    }

    function gameAtIndex(uint256 index) external view returns (uint32, uint64, address) {
        Game memory game = games[index];
        return (game.gameType, game.timestamp, game.proxy);
    }
}

contract FaultDisputeGame {
    uint64 public immutable maxClockDuration;
    bytes32 public immutable absolutePrestate;

    constructor(uint64 clock, bytes32 prestate) {
        maxClockDuration = clock;
        absolutePrestate = prestate;
    }
}

/// A portal of before the games.
contract LegacyPortal {
    address public l2Oracle;
    address public guardian;
    bool public paused;

    function setUp(address oracle, address guardian_) external {
        l2Oracle = oracle;
        guardian = guardian_;
    }
}

contract L2OutputOracle {
    event OutputProposed(
        bytes32 indexed outputRoot, uint256 indexed l2OutputIndex, uint256 indexed l2BlockNumber, uint256 l1Timestamp
    );

    struct Proposal {
        bytes32 outputRoot;
        uint128 timestamp;
        uint128 l2BlockNumber;
    }

    Proposal[] private proposals;
    uint256 public immutable FINALIZATION_PERIOD_SECONDS;
    uint256 public immutable SUBMISSION_INTERVAL;
    address public immutable PROPOSER = msg.sender;
    address public immutable CHALLENGER = address(0xc);

    constructor(uint256 period, uint256 interval) {
        FINALIZATION_PERIOD_SECONDS = period;
        SUBMISSION_INTERVAL = interval;
    }

    function propose(bytes32 root, uint128 number) external {
        emit OutputProposed(root, proposals.length, number, block.timestamp);
        proposals.push(Proposal(root, uint128(block.timestamp), number));
    }

    function deleteFrom(uint256 index) external {
        while (proposals.length > index) proposals.pop();
    }

    function nextOutputIndex() external view returns (uint256) {
        return proposals.length;
    }

    function latestOutputIndex() external view returns (uint256) {
        return proposals.length - 1;
    }

    function getL2Output(uint256 index) external view returns (Proposal memory) {
        return proposals[index];
    }
}
