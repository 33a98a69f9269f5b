// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A fact registry that knows what anyone tells it, for tests of what asks one.
contract ToldFacts {
    mapping(bytes32 => bool) public isValid;
    bool public hasRegisteredFact;

    function tell(bytes32 fact, bool valid) external {
        isValid[fact] = valid;
        hasRegisteredFact = true;
    }
}
