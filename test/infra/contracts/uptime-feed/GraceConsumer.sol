// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface AggregatorV3Interface {
    function decimals() external view returns (uint8);
    function description() external view returns (string memory);
    function version() external view returns (uint256);
    function getRoundData(uint80 id) external view returns (uint80, int256, uint256, uint256, uint80);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

/// Somebody's contract that liquidates only where the chain has been up for a while.
contract GraceConsumer {
    error ChainIsDown();
    error GraceRuns(uint256 until);
    error FeedIsSilent(uint256 since);

    AggregatorV3Interface private immutable feed;
    uint256 private immutable grace;
    uint256 private immutable mostSilence;

    constructor(AggregatorV3Interface feed_, uint256 grace_, uint256 mostSilence_) {
        feed = feed_;
        grace = grace_;
        mostSilence = mostSilence_;
    }

    function mayLiquidate() external view returns (bool) {
        (, int256 answer, uint256 startedAt, uint256 updatedAt,) = feed.latestRoundData();
        if (block.timestamp - updatedAt > mostSilence) revert FeedIsSilent(updatedAt);
        if (answer != 0) revert ChainIsDown();
        if (block.timestamp - startedAt <= grace) revert GraceRuns(startedAt + grace);
        return true;
    }
}
