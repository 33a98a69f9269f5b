// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The function called is another part's.
error NotOfThisPart();

/// One of the contracts that an exchange is made of, because together they are too large for one.
abstract contract Part {
    /// The dispatcher asks one part after the other.
    fallback() external payable {
        revert NotOfThisPart();
    }

    receive() external payable {
        revert NotOfThisPart();
    }

    /// By which the dispatcher knows that it is in its place.
    function identify() external pure virtual returns (string memory);

    /// How many bytes of an initialiser are for this part.
    function initializerSize() external view virtual returns (uint256) {
        return 0;
    }

    function initialize(bytes calldata) external virtual {
        revert("NOT_IMPLEMENTED");
    }
}
