// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Whole-number arithmetic whose rounding has a name. Every divisor is above zero.
library Fixed {
    uint256 internal constant BPS = 10_000;

    function floorDiv(int256 a, int256 b) internal pure returns (int256 quotient) {
        quotient = a / b;
        if (a % b < 0) quotient -= 1;
    }

    function ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }

    function abs(int256 a) internal pure returns (uint256) {
        return a < 0 ? uint256(-a) : uint256(a);
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    /// Reverts where the number does not fit.
    function toInt(uint256 a) internal pure returns (int256) {
        assert(a <= uint256(type(int256).max));
        return int256(a);
    }

    function toInt128(int256 a) internal pure returns (int128) {
        assert(a >= type(int128).min && a <= type(int128).max);
        return int128(a);
    }

    function toInt192(int256 a) internal pure returns (int192) {
        assert(a >= type(int192).min && a <= type(int192).max);
        return int192(a);
    }

    /// The middle of an odd count; the floor of the two middles' average of an even one. Sorts in place.
    function median(uint256[] memory values) internal pure returns (uint256) {
        uint256 count = values.length;
        for (uint256 i = 1; i < count; i++) {
            uint256 value = values[i];
            uint256 place = i;
            for (; place > 0 && values[place - 1] > value; place--) values[place] = values[place - 1];
            values[place] = value;
        }
        return (values[(count - 1) / 2] + values[count / 2]) / 2;
    }
}
