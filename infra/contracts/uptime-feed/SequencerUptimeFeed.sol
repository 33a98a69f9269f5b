// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Whether another chain is up, in the form in which contracts already read such feeds (AggregatorV3Interface).
///
/// `answer` is 0 while it is up and 1 while it is down. `startedAt` is when that last changed: a grace period runs from there,
/// never from `updatedAt`, which moves with every report that only says the same again. A round is one status, so that a new one
/// begins with each change.
///
/// Whoever owns the feed names those who report. They look at the chain from outside and are believed: one that lies can stop
/// what waits for this feed, or let it run while the chain is down.
contract SequencerUptimeFeed {
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);
    event RoundUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event ReportIgnored(bool isDown, uint64 timestamp, uint64 lastReportAt);
    event UpdaterChanged(address indexed updater, bool allowed);
    event OwnerProposed(address indexed owner);
    event OwnerChanged(address indexed owner);

    error NoDataPresent();
    error NotOwner(address sender);
    error NotUpdater(address sender);
    error ReportFromTheFuture(uint64 timestamp, uint64 blockTime);
    error ZeroAddress();

    struct Round {
        bool isDown;
        uint64 startedAt;
        uint64 updatedAt;
    }

    /// A reporter's clock may be this far ahead of the newest block, which is some seconds old; what it says counts as of now.
    uint64 private constant MOST_AHEAD = 60;

    uint8 public constant decimals = 0;
    uint256 public constant version = 1;
    string public description;

    address public owner;
    address public pendingOwner;
    mapping(address => bool) public isUpdater;

    /// 0 before the first report.
    uint80 public latestRound;
    /// Of the newest report: what was seen earlier than that changes nothing any more.
    uint64 public lastReportAt;
    mapping(uint80 => Round) private rounds;

    constructor(address owner_, string memory description_, address[] memory updaters) {
        if (owner_ == address(0)) revert ZeroAddress();
        owner = owner_;
        description = description_;
        emit OwnerChanged(owner_);
        for (uint256 i = 0; i < updaters.length; i++) allow(updaters[i], true);
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// What was seen at `timestamp`. Safe to repeat; reports may come in any order.
    function updateStatus(bool isDown, uint64 timestamp) external {
        if (!isUpdater[msg.sender]) revert NotUpdater(msg.sender);
        uint64 blockTime = uint64(block.timestamp);
        if (timestamp > blockTime + MOST_AHEAD) revert ReportFromTheFuture(timestamp, blockTime);
        uint64 seenAt = timestamp < blockTime ? timestamp : blockTime;
        if (seenAt < lastReportAt) {
            emit ReportIgnored(isDown, timestamp, lastReportAt);
            return;
        }
        lastReportAt = seenAt;
        uint80 id = latestRound;
        if (id == 0 || rounds[id].isDown != isDown) return begin(id + 1, isDown, seenAt);
        rounds[id].updatedAt = blockTime;
        emit RoundUpdated(answerOf(isDown), id, blockTime);
    }

    /// Reverts with `NoDataPresent` before the first report.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return dataOf(latestRound);
    }

    /// Reverts with `NoDataPresent` where there is no such round.
    function getRoundData(uint80 id)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return dataOf(id);
    }

    function setUpdater(address updater, bool allowed) external onlyOwner {
        allow(updater, allowed);
    }

    /// Nothing changes before the other one accepts.
    function transferOwnership(address to) external onlyOwner {
        pendingOwner = to;
        emit OwnerProposed(to);
    }

    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotOwner(msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
        emit OwnerChanged(msg.sender);
    }

    function begin(uint80 id, bool isDown, uint64 startedAt) private {
        uint64 blockTime = uint64(block.timestamp);
        latestRound = id;
        rounds[id] = Round(isDown, startedAt, blockTime);
        emit NewRound(id, msg.sender, startedAt);
        emit AnswerUpdated(answerOf(isDown), id, blockTime);
    }

    function allow(address updater, bool allowed) private {
        if (updater == address(0)) revert ZeroAddress();
        isUpdater[updater] = allowed;
        emit UpdaterChanged(updater, allowed);
    }

    function dataOf(uint80 id) private view returns (uint80, int256, uint256, uint256, uint80) {
        if (id == 0 || id > latestRound) revert NoDataPresent();
        Round memory round = rounds[id];
        return (id, answerOf(round.isDown), round.startedAt, round.updatedAt, id);
    }

    function answerOf(bool isDown) private pure returns (int256) {
        return isDown ? int256(1) : int256(0);
    }
}
